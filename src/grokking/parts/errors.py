"""`ConfigError`: the error of a config that cannot be used, and its words."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

LONGEST = 80  # characters of a value in a message
MISSING: Any = object()  # stands for the value of an absent key


class ConfigError(ValueError):
    """A config value that cannot be used. The message names place, value and what is allowed."""

    def __init__(self, where: str, value: object, allowed: str) -> None:
        self.where, self.value, self.allowed = where, value, allowed
        message = f"{where}: {allowed}" if value is MISSING else f"{where}: {shown(value)}: {allowed}"
        super().__init__(message)

    def within(self, where: str) -> "ConfigError":
        """This error, with `where` put in front of its place."""
        return ConfigError(f"{where}: {self.where}", self.value, self.allowed)


def shown(value: object) -> str:
    """A value as a message shows it: its `repr`, cut after 80 characters; a path is not cut."""
    if isinstance(value, Path):
        return repr(str(value))
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def near(name: object, known: Iterable[object]) -> str:
    """The `known` names similar to an unknown `name`, for a message; empty if there are none."""
    close = get_close_matches(str(name), map(str, known))
    return f"near: {', '.join(close)}" if close else ""


def near_or_all(name: object, known: Collection[object]) -> str:
    """The `known` names similar to an unknown `name`, else all of them, for a message."""
    return near(name, known) or allowed_names(name, known)


def allowed_names(name: object, known: Collection[object]) -> str:
    """All `known` names, then those similar to an unknown `name`, for a message."""
    return "; ".join(filter(None, [f"allowed: {', '.join(map(str, known)) or 'none'}", near(name, known)]))
