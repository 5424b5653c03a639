"""Gradient filters, which change the gradient before the optimiser sees it."""
