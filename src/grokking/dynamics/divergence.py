"""A run that leaves the finite numbers."""


class Divergence(ArithmeticError):  # noqa: N818 (the field's word)
    """The state became infinite or not a number; the message says when and with which settings."""
