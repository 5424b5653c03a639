"""The keys of the files in config/, as dataclasses that `grokking.parts.fields.build` reads."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from grokking.gpu import has_gpu
from grokking.parts.errors import ConfigError
from grokking.parts.fields import MayBeEmpty, NonNegative, OneOrMore, Positive, Seeds

Settings = dict[str, Any]  # whose keys another dataclass declares
PAPER_SIZE = "paper"  # the preset that changes nothing
Names = Annotated[tuple[str, ...], OneOrMore]
Sentences = Annotated[tuple[str, ...], MayBeEmpty]
ABSTRACT = "abstract"  # the key of an experiment without runs, a base for others
KEYS = ("like", ABSTRACT, "seeds", "nets_per_job", "open_ended")  # of an experiment, besides those of a run
OTHERS = "*"  # all experiments that a mapping does not name


@dataclass(frozen=True)
class UserSettings:
    """config/config.yaml: the settings of a user.

    `preset` is `paper`, the papers' sizes, or a file of config/presets/. `papers` lists the files
    of config/papers/ to rebuild. `seeds` are the seeds of each experiment: a number n, for 0 to
    n - 1, or a list, `[4, 5, 6]`; null keeps each experiment's own. `budget` multiplies the steps
    after which runs of `open_ended` experiments are given up. `device` is where jobs train; `auto`
    uses a GPU if there is one. `sweep` runs an experiment with several values,
    `{of: lyu2024/fig2a, weight_decay: [1e-4, 1e-3]}`; its figure is the target `lyu2024_sweep`.
    `arithmetic` is portable, with equal bytes on every x86-64 processor with AVX2, or native: see
    `grokking.arithmetic`. `check` lists the figures to compare with the published ones,
    `[lyu2024_figure_3]`; null compares the whole build. With `keep_states` the last checkpoints of
    finished runs stay in results/states/, from which longer runs continue. `hours` builds the
    figures that fit into this many hours, the cheapest first, by the published run times; finished
    jobs take no time. `everything` builds all that is published: the figures on demand, and all
    seeds of experiments that have fewer in the default build. `style` is a style of matplotlib for
    the figures, its name or a file `my.mplstyle`, and `figure_width` their width in inches: 3.4 fits a
    column of a paper, 7 two columns, 12 a slide; text keeps its size.
    """

    preset: str
    papers: Names
    seeds: Seeds | None
    budget: Positive
    device: Literal["auto", "cpu", "cuda"]
    sweep: Settings | None = None
    arithmetic: Literal["portable", "native"] = "portable"
    check: Names | None = None
    keep_states: bool = False
    hours: NonNegative | None = None
    everything: bool = False
    style: str | None = None
    figure_width: Positive | None = None

    def __post_init__(self) -> None:
        if self.hours is not None and self.preset != PAPER_SIZE:
            raise ConfigError("hours", self.hours, f"needs preset: {PAPER_SIZE}, whose run times are published")

    @property
    def uses_gpu(self) -> bool:
        """Whether jobs run on a GPU, as far as this machine shows."""
        return self.device == "cuda" or (self.device == "auto" and has_gpu())


@dataclass(frozen=True)
class Comparison:
    """Two experiments that differ only in their dynamics: gradient flow and gradient descent."""

    flow: str
    descent: str

    def __post_init__(self) -> None:
        if self.flow == self.descent:
            raise ValueError("flow and descent must be two experiments")


@dataclass(frozen=True)
class SeedsOf:
    """The seeds of an experiment of which the default build has fewer than the published one."""

    default: Seeds
    published: Seeds


@dataclass(frozen=True)
class Variant:
    """The experiments `of` of a paper once more, with other settings.

    `changes` are laid over the settings of each. The experiment `fig1` has the name `fig1-gelu` in
    the variant `gelu`, and starts from the weights of another if that is in the variant too. They
    may be experiments of the variants before.
    """

    changes: Settings
    of: Names


@dataclass(frozen=True)
class PaperFile:
    """config/papers/<paper>.yaml.

    `variants` have some of the `experiments` once more, with other settings.
    `tolerance_checks` maps an experiment to its copy with a tighter tolerance. `event_tolerances`
    maps an experiment to the relative change of its events allowed between machines; `"*"` stands
    for all experiments without an entry.
    """

    title: str = ""
    experiments: dict[str, Settings] = field(default_factory=dict)
    variants: dict[str, Variant] = field(default_factory=dict)
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

    def tolerances(self, experiments: Iterable[str]) -> dict[str, float]:
        """Return the event tolerances by experiment, with `"*"` applied to `experiments`."""
        explicit = dict(self.event_tolerances)
        default = explicit.pop(OTHERS, None)
        return ({} if default is None else dict.fromkeys(experiments, default)) | explicit

    @property
    def compared(self) -> set[str]:
        """Return the experiments in comparisons and tolerance checks, which keep their seeds."""
        pairs = [name for pair in self.comparisons.values() for name in (pair.flow, pair.descent)]
        return {*pairs, *self.tolerance_checks.values()}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure of a paper: its kind, its experiments and analyses, and its texts.

    An experiment of another paper is written `paper/experiment`. The others are compared with the
    experiment `reference`; `labels` names experiments in the legend. A figure of verdicts judges
    `claims`, the name of a dict of claims in the paper's file of claims, on its experiments.
    `added` marks a figure that is not in the paper. A figure `on_demand` is built only if it is
    requested, by its target or with `everything`.
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
    claims: str = ""
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """The figure's target in the workflow."""
        return f"{self.paper}_{self.name}"
