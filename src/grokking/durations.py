"""How long jobs take on several cores, and times and numbers in words."""

from collections.abc import Collection


def spread(seconds: Collection[float], lanes: int) -> float:
    """Return the seconds that jobs take on several cores or nodes, `lanes`.

    It is their sum over the lanes, at least the longest.
    """
    return max(0.0, sum(seconds) / max(1, min(lanes, len(seconds))), *seconds)


def duration(seconds: float) -> str:
    """Return a time in seconds as text: 40 s, 12 min, 2 h 5 min."""
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def counted(number: int, thing: str) -> str:
    """Return a number of things as text: 1 figure, 2 figures."""
    return f"{number} {thing}{'s' * (number != 1)}"
