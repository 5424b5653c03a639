"""The names of the activations that a net for sums may have."""

from typing import Annotated

from grokking.parts.errors import ConfigError
from grokking.parts.fields import Choice
from grokking.parts.own import own_functions

SHIPPED = ("relu", "gelu")


def activations() -> tuple[str, ...]:
    """The package's activations, then the functions of `grokking/own/` that have their file's name.

    Raises `ConfigError` if one of these has the name of a package's activation.
    """
    added = own_functions()
    for name in SHIPPED:
        if name in added:
            raise ConfigError(f"own/{name}.py", name, "is an activation already; choose another name")
    return *SHIPPED, *added


def module_of(activation: str) -> tuple[str, ...]:
    """The module of an activation of `grokking/own/`, in a tuple; empty for the package's."""
    return () if activation in SHIPPED else (f"grokking.own.{activation}",)


ActivationName = Annotated[str, Choice(activations)]
