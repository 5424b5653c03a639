"""The activations that a net for sums may have, by name."""

from typing import Annotated

from grokking.parts.errors import ConfigError
from grokking.parts.fields import Choice
from grokking.parts.own import own_functions

SHIPPED = ("relu", "gelu")


def activations() -> tuple[str, ...]:
    """The package's activations, and the functions in `grokking/own/` that have the name of their file.

    Raises `ConfigError` for one that has the name of another.
    """
    own = own_functions()
    for name in SHIPPED:
        if name in own:
            raise ConfigError(f"own/{name}.py", name, "is an activation already; choose another name")
    return *SHIPPED, *own


def module_of(activation: str) -> tuple[str, ...]:
    """The module of an activation of a user's own, which no `import` statement names; empty for one of the package."""
    return () if activation in SHIPPED else (f"grokking.own.{activation}",)


ActivationName = Annotated[str, Choice(activations)]
