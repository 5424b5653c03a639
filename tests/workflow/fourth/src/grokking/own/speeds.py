"""The steps that each dynamics takes to memorise."""

from grokking.figures.kind import FigureKind
from grokking.figures.names import look_of
from grokking.figures.style import new_figure


@FigureKind("speeds", takes=("speed",))
def speeds(data, marks):
    figure, (axes,) = new_figure(1)
    for dynamics, rows in data.of("speed").groupby("dynamics", sort=False):
        axes.bar(look_of(dynamics)[0], rows["memorised"].median())
    axes.set(ylabel="steps to 99 % training accuracy")
    return figure
