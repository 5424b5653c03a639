"""The error of a config that cannot be used."""

from typing import Any

LONGEST = 80  # characters of a value in a message
MISSING: Any = object()  # in place of the value of a key that is not there


class ConfigError(ValueError):
    """A config value that cannot be used; the message names file, key, value and what is allowed."""

    def __init__(self, where: str, value: object, allowed: str) -> None:
        self.where, self.value, self.allowed = where, value, allowed
        message = f"{where}: {allowed}" if value is MISSING else f"{where}: {shown(value)}: {allowed}"
        super().__init__(message)

    def within(self, where: str) -> "ConfigError":
        """The same error at a place inside `where`."""
        return ConfigError(f"{where}: {self.where}", self.value, self.allowed)


def shown(value: object) -> str:
    """A value as a message shows it, cut after 80 characters."""
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
