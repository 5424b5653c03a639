"""The assignment of runs to jobs of the workflow."""

from collections.abc import Iterable, Iterator, Sequence

from grokking.specs.run import RunSpec, digest
from grokking.study.experiment import Experiment


def assign(experiments: Iterable[Experiment], gpu: bool = False) -> dict[str, tuple[RunSpec, ...]]:
    """Assign every run to one job, named after the first experiment that has the run.

    A job of one run has the run's id, a job of several `<paper>-<experiment>-s<seed>-<hash>`. The
    runs of a job belong to the same experiments, so that a figure trains no run that only another
    figure needs. A run from which others start has a separate job, so that no two jobs wait for
    each other. With `gpu` the runs of an experiment that can be batched share a job.
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
    """Yield the runs of each seed, `nets_per_job` at a time."""
    size = experiment.nets_per_job
    for seed in experiment.seeds:
        runs = experiment.of_seed(seed)
        yield from (runs[start : start + size] for start in range(0, len(runs), size))


def fleets(experiment: Experiment) -> Iterator[tuple[RunSpec, ...]]:
    """Yield the runs that can be batched, over all seeds, then the others as without a GPU."""
    together: dict[str, list[RunSpec]] = {}
    for run in experiment.runs:
        if run.fleet:
            together.setdefault(run.fleet, []).append(run)
    yield from map(tuple, together.values())
    yield from filter(None, (tuple(run for run in chunk if not run.fleet) for chunk in chunks(experiment)))


def job_name(experiment: Experiment, runs: Sequence[RunSpec]) -> str:
    """The id of a single run, or a name for several runs with the seed of the first."""
    if len(runs) == 1:
        return runs[0].id
    ids = [run.id for run in runs]
    return f"{experiment.paper}-{experiment.name}-s{runs[0].seed}-{digest(ids)}"
