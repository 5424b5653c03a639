"""The declaration of a kind of figure: a decorator of the function that draws it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T", bound=Callable[..., object])

ANY_RUN = "run"  # in `takes`: runs on data of any kind


@dataclass(frozen=True)
class FigureKind:
    """A kind of figure that a config may ask for, and the evidence that it draws.

    `name` is the figure's `kind` in a config. `takes` names the allowed experiments: runs by their
    kind of data ("run" for any data), "sweep", or analyses by name. A figure has at least `least`
    and at most `most` experiments, and at most one of each name in `single`. With `reference` it
    must name one of them as its reference; a kind that `judges` shows verdicts on claims instead of
    observations. A sweep must vary one of the settings `varied`, unless
    that is empty. `table`, if given, is the module that tabulates the figure's numbers.
    `grokking.figures.kinds` fills in `module` and `function`, the place of the declaration. Raises
    `TypeError` if `takes`, `single` or `varied` is no tuple.

    A declaration is a decorator. Its arguments are literals, because it is read from the source
    without running it:

    @FigureKind("delay_law", takes=("operation",))
    def delay_law(data: FigureData, marks: DataFrame) -> Figure:
    """

    name: str
    takes: tuple[str, ...]
    least: int = 1
    most: int | None = None
    single: tuple[str, ...] = ()
    reference: bool = False
    judges: bool = False
    varied: tuple[str, ...] = ()
    table: str = ""
    module: str = ""
    function: str = ""

    def __post_init__(self) -> None:
        if not all(isinstance(names, tuple) for names in (self.takes, self.single, self.varied)):
            raise TypeError("takes, single and varied must be tuples, such as ('operation',)")

    def __call__(self, draw: T) -> T:
        """Return the decorated function unchanged."""
        return draw
