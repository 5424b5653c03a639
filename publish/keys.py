"""`python -m publish.keys`: config/README.md, every key that a config may have, from its declarations."""

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

Every key of the files in this folder, made from the declarations by `python -m publish.keys`; a test keeps both
in step. A value that cannot be right is refused before anything runs. Steps count the papers' gradient steps, the time
is t = η · step with η the `learning_rate`; symbols are the papers'.

* `config.yaml`: what a user changes; every key can be set for one call, `snakemake --config seeds=3`.
* `papers/<paper>.yaml`: experiments, analyses and figures. A list in an experiment's settings is an axis of a grid.
* `claims/<paper>.py`: what is judged, see [docs/claims.md](../docs/claims.md).
* `presets/<preset>.yaml`: what a preset changes in experiments and analyses, by paper. A change of an
  experiment holds in every experiment that is `like` it. What a preset leaves as the paper has it must
  be named: `net: {}` builds the experiment `net` at the paper's size. An analysis `of` an experiment
  need not be named: it is as large as the runs that it reads.

Besides the keys of a run an experiment may have `like` (another experiment over whose settings these
are laid), `abstract` (true: a base for others that are `like` it, which has no runs and may lack keys),
`seeds` (how many runs), `nets_per_job` (so many of a sweep's runs share a job) and `open_ended` (its
last step is where a run is given up, and `budget` multiplies it); an analysis `like` and `seeds`. The
`start` `{name: run, experiment: …}` is the final weights of an experiment's run with the same seed,
with `part: …` those of one parameter alone.
"""
KINDS_OF_PARTS: dict[str, type[Part]] = {
    "task": Task,
    "model": Model,
    "dynamics": Dynamics,
    "dynamics.schedule": Schedule,
    "dynamics.filter": GradientFilter,
    "start": Start,
    "stop": Stop,
    "analyses": Analysis,
}


def main() -> None:
    """Write the file."""
    write_atomically(ROOT / "config/README.md", text().encode("utf-8"))


def text() -> str:
    """All of it."""
    files = [("config.yaml", UserSettings), ("papers/<paper>.yaml", PaperFile)]
    inside = [("comparisons", Comparison), ("figures", Figure), ("experiments: a run", RunSpec)]
    sections = [INTRODUCTION, *(section(f"## {title}", cls) for title, cls in (*files, *inside))]
    sections.append(figure_kinds())
    for key, kind in KINDS_OF_PARTS.items():
        sections += [f"## {key}\n", *(section(f"### {name}", cls) for name, cls in parts(kind).items())]
    return "\n".join(sections)


def section(title: str, cls: type[Any]) -> str:
    """A heading, what the declaration says, and its keys."""
    rows = list(keys(cls))
    table = markdown(("key", "value", "default"), rows) if rows else "No parameters.\n"
    said = [inspect.cleandoc(one.__doc__ or "") for one in (cls, *shared(cls))]
    return "\n\n".join([title, *said, table])


def shared(cls: type[Any]) -> list[type[Any]]:
    """What several parts derive from: declarations without a name of their own."""
    return [base for base in cls.__mro__[1:] if dataclasses.is_dataclass(base) and "name" not in vars(base)]


def figure_kinds() -> str:
    """What a figure's `kind` may be, and what it draws."""
    rows = [[f"`{name}`", ", ".join(kind.takes), numbers(kind)] for name, kind in kinds().items()]
    said = (
        "What a figure's `kind` may be. It takes runs on a kind of data (`run`: on any), a `sweep`, or an analysis; of "
        "the `reference` there is one."
    )
    return "\n\n".join(["## figures: kind", said, markdown(("kind", "takes", "experiments"), rows)])


def numbers(kind: FigureKind) -> str:
    """How many experiments a kind of figure takes."""
    most = "or more" if kind.most is None else f"to {kind.most}"
    how_many = f"{kind.least}" if kind.most == kind.least else f"{kind.least} {most}"
    return f"{how_many}, with a reference" if kind.reference else how_many


def keys(cls: type[Any]) -> Iterator[tuple[str, str, str]]:
    """Each key with what it must be, and its default."""
    hints = hints_of(cls)  # type: ignore[arg-type]
    for field in own_fields(cls):
        yield f"`{field.name}`", allowed(hints[field.name]), default(field)


def allowed(hint: Any) -> str:
    """What a value must be."""
    return describe(hint).removeprefix("must be ").replace("must be", "is")


def own_fields(cls: type[Any]) -> Iterable[Any]:
    """Those that a config gives: a run's seed and a figure's name and paper come from elsewhere."""
    taken = {RunSpec: ("seed",), Figure: ("name", "paper")}.get(cls, ())
    return [field for field in dataclasses.fields(cls) if field.name not in taken]


def default(field: Any) -> str:
    """As YAML has it; a dash where a value must be given."""
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
