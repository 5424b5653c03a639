"""Which runs are trained together in one job of the workflow."""

from collections.abc import Iterable, Iterator, Sequence

from grokking.specs.run import RunSpec, digest
from grokking.study.experiment import Experiment


def assign(experiments: Iterable[Experiment], gpu: bool = False) -> dict[str, tuple[RunSpec, ...]]:
    """Every run in exactly one job, called by one of the first experiment that has it.

    A job of one run is called as the run, one of several `<paper>-<experiment>-s<seed>-<hash>`. Its runs belong to the
    same experiments, so that a figure trains nothing that only another one needs; and a run from which others start has
    a job of its own, so that no two jobs wait for each other. On a `gpu` the runs of an experiment's fleet share one.
    """
    listed = list(experiments)
    parents = {run.parent for experiment in listed for run in experiment.runs}
    owners: dict[str, list[str]] = {}
    for experiment in listed:
        for run in experiment.runs:
            owners.setdefault(run.id, []).append(f"{experiment.paper}.{experiment.name}")
    jobs: dict[str, tuple[RunSpec, ...]] = {}
    assigned: set[str] = set()
    for experiment in listed:
        for chunk in fleets(experiment) if gpu else chunks(experiment):
            together: dict[object, list[RunSpec]] = {}
            for run in chunk:
                if run.id not in assigned:
                    key = run.id if run.id in parents else tuple(owners[run.id])
                    together.setdefault(key, []).append(run)
            assigned.update(run.id for run in chunk)
            jobs |= {job_name(experiment, runs): tuple(runs) for runs in together.values()}
    return jobs


def chunks(experiment: Experiment) -> Iterator[tuple[RunSpec, ...]]:
    """The runs of each seed, `nets_per_job` at a time."""
    size = experiment.nets_per_job
    for seed in experiment.seeds:
        runs = experiment.of_seed(seed)
        yield from (runs[start : start + size] for start in range(0, len(runs), size))


def fleets(experiment: Experiment) -> Iterator[tuple[RunSpec, ...]]:
    """The runs that can advance side by side, of whatever seed; the others as without a GPU."""
    together: dict[str, list[RunSpec]] = {}
    for run in experiment.runs:
        if run.fleet:
            together.setdefault(run.fleet, []).append(run)
    yield from map(tuple, together.values())
    yield from filter(None, (tuple(run for run in chunk if not run.fleet) for chunk in chunks(experiment)))


def job_name(experiment: Experiment, runs: Sequence[RunSpec]) -> str:
    """The run's id, or a name for several runs, after the seed of the first."""
    if len(runs) == 1:
        return runs[0].id
    ids = [run.id for run in runs]
    return f"{experiment.paper}-{experiment.name}-s{runs[0].seed}-{digest(ids)}"
