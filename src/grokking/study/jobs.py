"""The assignment of runs to jobs of the workflow."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from grokking.specs.run import RunSpec, digest
from grokking.study.experiment import Experiment


def assign(
    experiments: Iterable[Experiment],
    gpu: bool = False,
    size: int = 1,
    needed_by: Mapping[str, Hashable] = MappingProxyType({}),
) -> dict[str, tuple[RunSpec, ...]]:
    """Assign every run to one job, named after the first experiment that has the run.

    The name of a job of one run is the run's id, that of a job of several runs
    `<paper>-<experiment>-s<seed>-<hash>`. The runs of a job belong to the same experiments, so that
    a figure trains no run that only another figure needs. A run from which others start has a job
    of its own, so that no two jobs wait for each other. With `gpu` the runs of an experiment that
    can be batched share a job. With a `size` above 1, jobs of runs of one paper that are `needed_by`
    the same figures are joined, up to `size` runs a job.
    """
    listed = list(experiments)
    parents = {run.parent for experiment in listed for run in experiment.runs}
    owners: dict[str, list[str]] = {}
    for experiment in listed:
        for run in experiment.runs:
            owners.setdefault(run.id, []).append(f"{experiment.paper}.{experiment.name}")
    jobs: list[tuple[RunSpec, ...]] = []
    assigned: set[str] = set()
    for experiment in listed:
        for chunk in fleets(experiment) if gpu else chunks(experiment):
            together: dict[object, list[RunSpec]] = {}
            for run in chunk:
                if run.id not in assigned:
                    key = run.id if run.id in parents else tuple(owners[run.id])
                    together.setdefault(key, []).append(run)
            assigned.update(run.id for run in chunk)
            jobs += map(tuple, together.values())
    if size > 1:
        papers = {run: names[0].partition(".")[0] for run, names in owners.items()}
        jobs = joined(jobs, lambda run: run.id if run.id in parents else (papers[run.id], needed_by[run.id]), size)
    return {job_name(owners[runs[0].id][0], runs): runs for runs in jobs}


def joined(
    jobs: Iterable[tuple[RunSpec, ...]], key: Callable[[RunSpec], Hashable], size: int
) -> list[tuple[RunSpec, ...]]:
    """Join the jobs whose first runs have the same key, in order, up to `size` runs a job."""
    groups: dict[Hashable, list[tuple[RunSpec, ...]]] = {}
    for runs in jobs:
        group = groups.setdefault(key(runs[0]), [])
        if group and len(group[-1]) + len(runs) <= size:
            group[-1] += runs
        else:
            group.append(runs)
    return [runs for group in groups.values() for runs in group]


def chunks(experiment: Experiment) -> Iterator[tuple[RunSpec, ...]]:
    """Yield the runs of each seed, `nets_per_job` at a time."""
    size = experiment.nets_per_job
    for seed in experiment.seeds:
        runs = experiment.of_seed(seed)
        yield from (runs[start : start + size] for start in range(0, len(runs), size))


def fleets(experiment: Experiment) -> Iterator[tuple[RunSpec, ...]]:
    """Yield the runs that can be batched, over all seeds, then the others in chunks."""
    together: dict[str, list[RunSpec]] = {}
    for run in experiment.runs:
        if run.fleet:
            together.setdefault(run.fleet, []).append(run)
    yield from map(tuple, together.values())
    yield from filter(None, (tuple(run for run in chunk if not run.fleet) for chunk in chunks(experiment)))


def job_name(experiment: str, runs: Sequence[RunSpec]) -> str:
    """Return the name of a job: the id of a single run, or a name for several runs.

    The latter has the `experiment`, written paper.name, the seed of the first run and a hash.
    """
    if len(runs) == 1:
        return runs[0].id
    return f"{experiment.replace('.', '-', 1)}-s{runs[0].seed}-{digest([run.id for run in runs])}"
