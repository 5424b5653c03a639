"""`ConfigError`, the error of a config that cannot be used, and tools for its message."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

LONGEST = 80  # characters of a value in a message
MISSING: Any = object()  # stands for the value of an absent key


class ConfigError(ValueError):
    """The error of a config value that cannot be used.

    Its message has the form `where: value: allowed`: the place, such as a file and a key, the
    value, and what is allowed. With the value `MISSING` the message is `where: allowed`.
    """

    def __init__(self, where: str, value: object, allowed: str) -> None:
        self.where, self.value, self.allowed = where, value, allowed
        message = f"{where}: {allowed}" if value is MISSING else f"{where}: {shown(value)}: {allowed}"
        super().__init__(message)

    def within(self, where: str) -> "ConfigError":
        """Return the same error with `where`, such as a file, put in front of its place."""
        return ConfigError(f"{where}: {self.where}", self.value, self.allowed)


def shown(value: object) -> str:
    """Return a value as error messages show it: its `repr`, cut after 80 characters.

    A path is not cut.
    """
    if isinstance(value, Path):
        return repr(str(value))
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def near(name: object, known: Iterable[object]) -> str:
    """Return the `known` names similar to an unknown `name`, as text for a message.

    The text begins with `near: `; it is empty if no name is similar.
    """
    close = get_close_matches(str(name), map(str, known))
    return f"near: {', '.join(close)}" if close else ""


def near_or_all(name: object, known: Collection[object]) -> str:
    """Return, as text for a message, the `known` names similar to `name`, or else all of them."""
    return near(name, known) or allowed_names(name, known)


def allowed_names(name: object, known: Collection[object]) -> str:
    """Return, as text for a message, all `known` names and then those similar to `name`."""
    return "; ".join(filter(None, [f"allowed: {', '.join(map(str, known)) or 'none'}", near(name, known)]))
