"""The tables around the figures: runtime, flow against descent, published against fresh results."""
