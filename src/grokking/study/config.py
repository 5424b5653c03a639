"""What the files in config/ may say: their keys, as dataclasses that `grokking.parts.fields.build` reads."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from grokking.gpu import has_gpu
from grokking.parts.errors import ConfigError
from grokking.parts.fields import MayBeEmpty, Positive, Seeds

Settings = dict[str, Any]  # whose keys a dataclass of its own declares
Sentences = Annotated[tuple[str, ...], MayBeEmpty]
ABSTRACT = "abstract"  # the key of an experiment that others are like and that is not built
OTHERS = "*"  # the experiments that a mapping does not name


@dataclass(frozen=True)
class UserSettings:
    """config/config.yaml: what a user changes.

    `preset` is `paper`, the papers' own sizes, or another file of config/presets/. `papers` are those of config/papers/
    that are rebuilt. With `seeds` each experiment has so many runs, null stands for as many as it asks for itself.
    `budget` multiplies the steps after which runs of `open_ended` experiments are given up. `device` is where jobs
    train, `auto` what is there where a job runs. `sweep` lays several values over an experiment, `{of: lyu2024/fig2a,
    weight_decay: [1e-4, 1e-3]}`; its figure is the target `lyu2024_sweep`. `arithmetic` is portable, the same bytes on
    every x86-64 processor with AVX2, or native: see `grokking.arithmetic`. `check` names the figures that are compared
    with the published ones, `[lyu2024_figure_3]`; null stands for the whole build.
    """

    preset: str
    papers: tuple[str, ...]
    seeds: Seeds | None
    budget: Positive
    device: Literal["auto", "cpu", "cuda"]
    sweep: Settings | None = None
    arithmetic: Literal["portable", "native"] = "portable"
    check: tuple[str, ...] | None = None

    @property
    def uses_gpu(self) -> bool:
        """Whether jobs run on a GPU, as far as this machine can tell."""
        return self.device == "cuda" or (self.device == "auto" and has_gpu())


@dataclass(frozen=True)
class Comparison:
    """Two experiments that differ only in their dynamics: the flow, and descent to the letter."""

    flow: str
    descent: str

    def __post_init__(self) -> None:
        if self.flow == self.descent:
            raise ValueError("flow and descent must be two experiments")


@dataclass(frozen=True)
class PaperFile:
    """config/papers/<paper>.yaml.

    `tolerance_checks` lead from an experiment to the same with a tighter tolerance. `event_tolerances` say by how much,
    as a fraction, the events of an experiment may move from one machine to another, with `"*"` those of all that are
    not named.
    """

    title: str = ""
    experiments: dict[str, Settings] = field(default_factory=dict)
    analyses: dict[str, Settings] = field(default_factory=dict)
    figures: dict[str, Settings] = field(default_factory=dict)
    comparisons: dict[str, Comparison] = field(default_factory=dict)
    tolerance_checks: dict[str, str] = field(default_factory=dict)
    event_tolerances: dict[str, Positive] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.experiments and not self.analyses:
            raise ValueError("a paper needs experiments or analyses")
        for name in self.analyses:
            if name in self.experiments:
                raise ValueError(f"{name!r} is the name of an experiment and of an analysis; rename one")
        bases = [values.get("like") for values in self.experiments.values()]
        for name, values in self.experiments.items():
            if values.get(ABSTRACT) and name not in bases:
                place = f"experiments.{name}.{ABSTRACT}"
                raise ConfigError(place, values[ABSTRACT], "no experiment is like it")

    def tolerances(self, experiments: Iterable[str]) -> dict[str, float]:
        """The event tolerance of each of the `experiments` that has one."""
        named = dict(self.event_tolerances)
        rest = named.pop(OTHERS, None)
        return ({} if rest is None else dict.fromkeys(experiments, rest)) | named

    @property
    def compared(self) -> set[str]:
        """The experiments that differ from another in their method alone, and keep their number of seeds."""
        pairs = [name for pair in self.comparisons.values() for name in (pair.flow, pair.descent)]
        return {*pairs, *self.tolerance_checks.values()}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure of a paper: how it is drawn, from which experiments and analyses, and what is said beside it.

    An experiment of another paper is written `paper/experiment`. `reference` is the experiment that the others are
    compared with, `labels` name experiments in a legend. `added` marks a figure that the paper does not have. A figure
    `on_demand` is left out of a build unless asked for.
    """

    name: str
    paper: str
    kind: str
    experiments: tuple[str, ...]
    title: str
    caption: str
    deviations: Sentences = ()
    added: bool = False
    on_demand: bool = False
    reference: str | None = None
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """What the workflow calls it."""
        return f"{self.paper}_{self.name}"
