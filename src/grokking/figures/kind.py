"""The declaration of a kind of figure, which stands above the function that draws it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T", bound=Callable[..., object])

ANY_RUN = "run"  # in what a kind takes: runs on data of every kind


@dataclass(frozen=True)
class FigureKind:
    """A kind of figure that a config may ask for, and what it can draw.

    `name` is what a config calls it. Every experiment of the figure must be one of what the kind `takes`: runs on a
    kind of data ("run" for all kinds of data), a "sweep", or the analysis of a name. A figure has at least `least` and
    at most `most` of them, at most one of what is `single`, and names one of them as its `reference` where the kind
    needs one. A sweep has to vary one of the settings `varied`, if there are any. `table` is the module that puts the
    figure's numbers into a table for people, where there is one. `grokking.figures.kinds` fills in `module` and
    `function`, where the declaration stands. Raises `TypeError` for names that are no tuple.

    A declaration is a decorator. Its arguments are literals, because it is read off the source and not run:

    @FigureKind("delay_law", takes=("operation",))
    def delay_law(data: FigureData, marks: DataFrame) -> Figure:
    """

    name: str
    takes: tuple[str, ...]
    least: int = 1
    most: int | None = None
    single: tuple[str, ...] = ()
    reference: bool = False
    varied: tuple[str, ...] = ()
    table: str = ""
    module: str = ""
    function: str = ""

    def __post_init__(self) -> None:
        if not all(isinstance(names, tuple) for names in (self.takes, self.single, self.varied)):
            raise TypeError("takes, single and varied must be tuples, such as ('operation',)")

    def __call__(self, draw: T) -> T:
        """The function as it is."""
        return draw
