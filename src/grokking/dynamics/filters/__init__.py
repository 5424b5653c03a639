"""Gradient filters: what an optimiser is given in place of the gradient."""
