"""The tables around the figures: runtime, provenance, flow against descent, published against fresh results."""
