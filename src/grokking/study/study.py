"""A study: the chosen papers in the sizes of one preset. Names are local to a paper."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from grokking.analyses.spec import AnalysisSpec
from grokking.claims.claim import Claim
from grokking.specs.run import RunSpec
from grokking.study.config import Comparison, Figure
from grokking.study.experiment import Experiment
from grokking.study.jobs import assign


@dataclass(frozen=True)
class Paper:
    """A paper's experiments, analyses (one spec per seed), figures and claims.

    `abstract` names the experiments without runs, which are bases for others. `left_out` names the
    experiments and analyses that claims or figures need but that do not fit into the `hours` of a
    build, `there` those that are part of it although no figure of the build shows them. `judged_in`
    has the claims that figures judge, by figure and by label.
    """

    name: str
    title: str
    experiments: dict[str, Experiment]
    abstract: tuple[str, ...]
    analyses: dict[str, tuple[AnalysisSpec, ...]]
    figures: dict[str, Figure]
    claims: tuple[Claim, ...]
    comparisons: dict[str, Comparison]
    tolerance_checks: dict[str, str]
    event_tolerances: dict[str, float]
    left_out: frozenset[str] = frozenset()
    there: frozenset[str] = frozenset()
    judged_in: Mapping[str, Mapping[str, tuple[Claim, ...]]] = field(default_factory=dict)

    @property
    def judged(self) -> list[Claim]:
        """The claims whose experiments and analyses are all part of the build."""
        missing = self.left_out | self.on_request
        return [claim for claim in self.claims if not missing & {*claim.experiments}]

    @cached_property
    def on_request(self) -> frozenset[str]:
        """The experiments and analyses that only figures on demand show."""
        requested, shown = (
            {name for figure in self.figures.values() if figure.on_demand == on_demand for name in figure.experiments}
            for on_demand in (True, False)
        )
        return frozenset(requested - shown - self.there)

    @property
    def file(self) -> str:
        """The path of the paper's file in the repository."""
        return f"config/papers/{self.name}.yaml"

    @property
    def needed(self) -> tuple[str, ...]:
        """The experiments and analyses behind default figures, claims and comparisons."""
        drawn = [figure for figure in self.figures.values() if not figure.on_demand]
        figures = [name for figure in drawn for name in figure.experiments]
        claims = [name for claim in self.judged for name in claim.experiments]
        pairs = [name for pair in self.comparisons.values() for name in (pair.flow, pair.descent)]
        checks = [name for pair in self.tolerance_checks.items() for name in pair]
        return tuple(dict.fromkeys([*figures, *claims, *pairs, *checks]))


@dataclass(frozen=True)
class Study:
    """The chosen papers in the sizes of one preset.

    `gpu` says whether jobs run on a GPU. Up to `runs_per_job` runs that the same figures need share
    a job.
    """

    preset: str
    papers: dict[str, Paper]
    gpu: bool = False
    runs_per_job: int = 1

    @cached_property
    def experiments(self) -> tuple[Experiment, ...]:
        """The experiments of all papers, in order."""
        return tuple(experiment for paper in self.papers.values() for experiment in paper.experiments.values())

    @cached_property
    def runs(self) -> dict[str, RunSpec]:
        """Every run by its id."""
        return {run.id: run for experiment in self.experiments for run in experiment.runs}

    @cached_property
    def jobs(self) -> dict[str, tuple[RunSpec, ...]]:
        """The runs of each job, by the job's name."""
        if self.runs_per_job == 1:
            return assign(self.experiments, self.gpu)
        return assign(self.experiments, self.gpu, self.runs_per_job, self.needed_by)

    @cached_property
    def job_of(self) -> dict[str, str]:
        """The name of the job of each run, by the run's id."""
        return {run.id: name for name, job in self.jobs.items() for run in job}

    @cached_property
    def needed_by(self) -> dict[str, frozenset[str]]:
        """The targets of the figures that need a run, by the run's id.

        "report" is among them if the report needs the run.
        """
        needed: dict[str, set[str]] = {run: {"report"} if run in self.default_runs else set() for run in self.runs}
        for target, figure in self.figures.items():
            for run in self.runs_of(figure.paper, figure.experiments):
                needed[run.id].add(target)
            for spec in self.analyses_of(figure.paper, figure.experiments):
                for run_id in spec.runs:
                    needed[run_id].add(target)
        return {run: frozenset(targets) for run, targets in needed.items()}

    @cached_property
    def analyses(self) -> dict[str, AnalysisSpec]:
        """Every analysis by its id."""
        return {spec.id: spec for paper in self.papers.values() for specs in paper.analyses.values() for spec in specs}

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """Every figure by its target."""
        return {figure.target: figure for paper in self.papers.values() for figure in paper.figures.values()}

    @cached_property
    def default_figures(self) -> dict[str, Figure]:
        """The figures of a default build, by target."""
        return {target: figure for target, figure in self.figures.items() if not figure.on_demand}

    @cached_property
    def default_runs(self) -> dict[str, RunSpec]:
        """The runs behind default figures, claims and comparisons, and the runs they start from."""
        waiting = [run for paper in self.papers.values() for run in self.runs_of(paper.name, paper.needed)]
        waiting += [self.runs[run] for spec in self.default_analyses.values() for run in spec.runs]
        runs: dict[str, RunSpec] = {}
        while waiting:
            run = waiting.pop(0)
            runs[run.id] = run
            waiting += [self.runs[run.parent]] if run.parent else []
        return runs

    @cached_property
    def default_analyses(self) -> dict[str, AnalysisSpec]:
        """The analyses behind default figures, claims and comparisons, by id."""
        return {spec.id: spec for paper in self.papers.values() for spec in self.analyses_of(paper.name, paper.needed)}

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims of all papers."""
        return tuple(claim for paper in self.papers.values() for claim in paper.claims)

    def home(self, paper: str, name: str) -> tuple[Paper, str]:
        """Return the paper and the local name of an experiment or analysis that `paper` names.

        `name` is local to `paper`, or written `other_paper/name`.
        """
        other, _, local = name.rpartition("/")
        return self.papers[other or paper], local

    def runs_of(self, paper: str, names: Iterable[str]) -> list[RunSpec]:
        """Return the runs of the experiments that `paper` names, in order; analyses are skipped."""
        homes = [self.home(paper, name) for name in names]
        return [run for home, name in homes if name in home.experiments for run in home.experiments[name].runs]

    def analyses_of(self, paper: str, names: Iterable[str]) -> list[AnalysisSpec]:
        """Return the analyses that `paper` names, in order; experiments are skipped."""
        homes = [self.home(paper, name) for name in names]
        return [spec for home, name in homes for spec in home.analyses.get(name, ())]
