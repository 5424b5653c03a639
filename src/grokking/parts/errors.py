"""`ConfigError`: the error of a config that cannot be used."""

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
    """A value as a message shows it: its `repr`, cut after 80 characters."""
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
