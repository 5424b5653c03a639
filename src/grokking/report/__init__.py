"""The tables around the figures: runtime, flow against descent, benchmark, published against fresh results."""
