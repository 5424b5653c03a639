"""A run that leaves the finite numbers."""


class Divergence(ArithmeticError):
    """The state became infinite or not a number; the message says when and with which settings."""
