"""`python -m publish.keys`: write config/README.md, all keys of a config, from declarations."""

import dataclasses
import inspect
from collections.abc import Iterable, Iterator
from typing import Any

from grokking.analyses.analysis import Analysis
from grokking.dynamics.dynamics import Dynamics
from grokking.dynamics.filters.filter import GradientFilter
from grokking.dynamics.schedules.schedule import Schedule
from grokking.figures.kind import FigureKind
from grokking.figures.kinds import kinds
from grokking.files import write_atomically
from grokking.losses.loss import Loss
from grokking.models.model import Model
from grokking.parts.fields import describe, hints_of
from grokking.parts.part import Part
from grokking.parts.registry import parts
from grokking.report.tables import markdown
from grokking.specs.run import RunSpec
from grokking.starts.start import Start
from grokking.stops.stop import Stop
from grokking.store.provenance import ROOT
from grokking.study.config import Comparison, Figure, PaperFile, UserSettings
from grokking.tasks.task import Task

INTRODUCTION = """# Keys

All keys of the files in this folder, generated from the declarations by `python -m publish.keys`.
Invalid values are refused before anything runs. Steps count the papers' gradient steps, the time is
t = η · step with η the `learning_rate`; symbols are the papers'.

* `config.yaml`: the user's settings; each can be set for one call, `snakemake --config seeds=3`.
* `papers/<paper>.yaml`: experiments, analyses and figures. A list in an experiment's settings is an axis of a grid.
* `claims/<paper>.py`: the claims, see [docs/claims.md](../docs/claims.md).
* `presets/<preset>.yaml`: changes of experiments and analyses, by paper. A change of an experiment
  applies to every experiment that is `like` it. Experiments without changes must be named: `net: {}`
  builds the experiment `net` at the paper's size. An analysis `of` an experiment need not be named:
  its size is that of the runs. `runs_per_job: 8` lets up to eight runs that the same figures need
  share a job, for a preset whose runs take less time than the start of a job.

An experiment may have these keys besides those of a run: `like` (an experiment whose settings it
takes and changes, `name` or `paper/name`), `abstract` (true: a base for others, without runs and
possibly incomplete), `seeds` (their number or a list of them; `{default: 1, published: 3}` trains
more of them for `everything`, which is published), `nets_per_job` (number of a sweep's runs that
share a job) and `open_ended` (true: its last step is ours, not the paper's; `budget` multiplies its
steps, and a claim about what has not happened by then is undecided). An analysis may have `like` and
`seeds`. The `start` `{name: run, experiment: …}` takes the final weights of the
experiment's run with the same seed, or only some of its parameters, `part: query key_value out`.

The key `variants` of a paper has some of its experiments once more with other settings:
`gelu: {changes: {model: {activation: gelu}}, of: [fig1, fig2]}` gives `fig1-gelu` and `fig2-gelu`,
which figures and claims use like any other, and so do variants below. If `fig2` starts from `fig1`,
`fig2-gelu` starts from `fig1-gelu`.

The share `observed` may be a number or a quotient, `45/9409`. A share that stands for a count is this
count, whether it is the quotient, a float or has so many digits that they tell one count from the
next: 0.0047826549 of 9409 samples are 45. A task rounds any other share down, as the papers do: 0.4
of 9409 are 3763. The analyses of planted matrices round it to the nearest count.
"""
KINDS_OF_PARTS: dict[str, type[Part]] = {
    "task": Task,
    "model": Model,
    "model.loss": Loss,
    "dynamics": Dynamics,
    "dynamics.schedule": Schedule,
    "dynamics.filter": GradientFilter,
    "start": Start,
    "stop": Stop,
    "analyses": Analysis,
}


def main() -> None:
    """Write config/README.md."""
    write_atomically(ROOT / "config/README.md", text().encode("utf-8"))


def text() -> str:
    """The text of config/README.md."""
    files = [("config.yaml", UserSettings), ("papers/<paper>.yaml", PaperFile)]
    inside = [("comparisons", Comparison), ("figures", Figure), ("experiments: a run", RunSpec)]
    sections = [INTRODUCTION, *(section(f"## {title}", cls) for title, cls in (*files, *inside))]
    sections.append(figure_kinds())
    for key, kind in KINDS_OF_PARTS.items():
        sections += [f"## {key}\n", *(section(f"### {name}", cls) for name, cls in parts(kind).items())]
    return "\n".join(sections)


def section(title: str, cls: type[Any]) -> str:
    """A section: title, docstrings of the declaration and its base classes, and a table of keys."""
    rows = list(keys(cls))
    table = markdown(("key", "value", "default"), rows) if rows else "No parameters.\n"
    texts = [inspect.cleandoc(declared.__doc__ or "") for declared in (cls, *shared(cls))]
    return "\n\n".join([title, *texts, table])


def shared(cls: type[Any]) -> list[type[Any]]:
    """The base classes of a part that declare keys of several parts."""
    return [base for base in cls.__mro__[1:] if dataclasses.is_dataclass(base) and "name" not in vars(base)]


def figure_kinds() -> str:
    """The section on kinds of figures."""
    rows = [[f"`{name}`", ", ".join(kind.takes), numbers(kind)] for name, kind in kinds().items()]
    introduction = (
        "The kinds of figures. A kind takes runs by kind of data (`run`: any), a `sweep`, or analyses by name. Some "
        "need one experiment as `reference`."
    )
    return "\n\n".join(["## figures: kind", introduction, markdown(("kind", "takes", "experiments"), rows)])


def numbers(kind: FigureKind) -> str:
    """The number of experiments of a kind of figure, as text."""
    most = "or more" if kind.most is None else f"to {kind.most}"
    how_many = f"{kind.least}" if kind.most == kind.least else f"{kind.least} {most}"
    return f"{how_many}, with a reference" if kind.reference else how_many


def keys(cls: type[Any]) -> Iterator[tuple[str, str, str]]:
    """Name, allowed values and default of each key."""
    hints = hints_of(cls)  # type: ignore[arg-type]
    for field in own_fields(cls):
        yield f"`{field.name}`", allowed(hints[field.name]), default(field)


def allowed(hint: Any) -> str:
    """The allowed values of a type, as text."""
    return describe(hint).removeprefix("must be ").replace("must be", "is")


def own_fields(cls: type[Any]) -> Iterable[Any]:
    """The fields that a config gives, without a run's seed and a figure's name and paper."""
    taken = {RunSpec: ("seed",), Figure: ("name", "paper")}.get(cls, ())
    return [field for field in dataclasses.fields(cls) if field.name not in taken]


def default(field: Any) -> str:
    """The default of a field in YAML; a dash if a value is required."""
    if field.default_factory is not dataclasses.MISSING:
        return "none"
    if field.default is dataclasses.MISSING:
        return "–"
    value: Any = field.default
    if hasattr(value, "name"):  # a part
        return f"{{name: {value.name}}}"
    words = {None: "null", True: "true", False: "false", "": "none", (): "none"}
    return words[value] if isinstance(value, bool | None | str | tuple) and value in words else f"{value}"


if __name__ == "__main__":
    main()
