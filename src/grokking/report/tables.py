"""Markdown tables.

`DataFrame.to_markdown` would pad every cell to the longest of its column, a sentence in the table of claims, print a
missing number as `nan` and read text such as `1e5` as a number.
"""

from collections.abc import Iterable, Sequence


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; numbers to four significant digits, a missing value as a dash."""
    lines = [line(header), "|" + "---|" * len(header), *(line([cell(value) for value in row]) for row in rows)]
    return "\n".join(lines) + "\n"


def line(cells: Sequence[str]) -> str:
    """One line of a table."""
    return "| " + " | ".join(map(escaped, cells)) + " |"


def escaped(text: str) -> str:
    """The text of a cell in which a bar does not end the cell."""
    return text.replace("|", r"\|")


def cell(value: object) -> str:
    """One value as text."""
    if value is None or value != value:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
