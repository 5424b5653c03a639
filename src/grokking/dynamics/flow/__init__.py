"""Gradient flow by stabilised Runge–Kutta methods, with dense output."""
