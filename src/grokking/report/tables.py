"""Markdown tables.

`DataFrame.to_markdown` pads every cell to the longest of its column (a sentence in the table of
claims), prints missing numbers as `nan` and reads text such as `1e5` as a number.
"""

from collections.abc import Iterable, Sequence


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table with numbers to four significant digits and a dash for a missing value.

    >>> print(markdown(["a", "b"], [[1.23456, None]]))
    | a | b |
    |---|---|
    | 1.235 | – |
    <BLANKLINE>
    """
    lines = [line(header), "|" + "---|" * len(header), *(line([cell(value) for value in row]) for row in rows)]
    return "\n".join(lines) + "\n"


def line(cells: Sequence[str]) -> str:
    """One line of a table."""
    return "| " + " | ".join(map(escaped, cells)) + " |"


def escaped(text: str) -> str:
    """`text` with escaped bars, which would end the cell."""
    return text.replace("|", r"\|")


def cell(value: object) -> str:
    """The text of a cell."""
    if value is None or value != value:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
