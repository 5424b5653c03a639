"""Sweeps from the command line: an experiment for each combination of values, and one figure."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from grokking.parts.errors import MISSING, ConfigError, allowed_names
from grokking.study.config import KEYS, PaperFile, Settings
from grokking.study.grid import axes, has_axes, points

NAME = "sweep"  # of the figure; its experiments are sweep_1, sweep_2, …
FIRST = f"{NAME}_1"
NOT_SWEPT = {
    "seeds": "give the seeds beside the sweep: --config seeds=2 'sweep={…}'",
    "like": "give the experiment as `of`",
}
RESERVED = re.compile(rf"{NAME}_\d+")


@dataclass(frozen=True)
class Sweep:
    """A sweep of an experiment of a paper; its `changes` are settings with lists of values."""

    paper: str
    experiment: str
    changes: Settings


def read_sweep(settings: Settings | None, papers: Collection[str], known: Collection[str], where: str) -> Sweep | None:
    """Return the requested sweep, or None if `settings` is None.

    It must be of an experiment of one of the chosen `papers`; `known` are all papers. Raises
    `ConfigError`.
    """
    if settings is None:
        return None
    of = settings.get("of", MISSING)
    paper, slash, experiment = of.partition("/") if isinstance(of, str) else ("", "", "")
    if not slash:
        raise ConfigError(f"{where}.of", of, f"must be paper/experiment; chosen papers: {', '.join(papers)}")
    if paper not in known:
        raise ConfigError(f"{where}.of", of, f"no such paper; {allowed_names(paper, known)}")
    if paper not in papers:
        both = ", ".join([*papers, paper])
        raise ConfigError(f"{where}.of", of, f"the paper {paper} is not chosen; add --config 'papers=[{both}]'")
    changes = {key: value for key, value in settings.items() if key != "of"}
    for key in KEYS:
        if key in changes:
            raise ConfigError(f"{where}.{key}", changes[key], NOT_SWEPT.get(key, "is no setting of a run; remove it"))
    require_nested(changes, where)
    if not has_axes(changes):
        raise ConfigError(where, settings, "needs a list of values, such as weight_decay: [1e-4, 1e-3]")
    return Sweep(paper, experiment, changes)


def require_nested(changes: Mapping[Any, Any], where: str) -> None:
    """Raise `ConfigError` for a key such as `model.width` instead of {model: {width: …}}."""
    for key, value in changes.items():
        if not isinstance(key, str) or "." in key:
            raise ConfigError(f"{where}.{key}", value, "no setting; one of a part is written model: {width: …}")
        if isinstance(value, Mapping):
            require_nested(value, f"{where}.{key}")


def with_sweep(content: PaperFile, sweep: Sweep, where: str) -> PaperFile:
    """Return a paper's file with the experiments of a sweep, one for each combination of values.

    The figure `sweep` draws them. Raises `ConfigError` if the paper has no such experiment, or
    already uses a name of the sweep.
    """
    if sweep.experiment not in content.experiments:
        options = allowed_names(sweep.experiment, content.experiments)
        raise ConfigError(f"{where}.of", sweep.experiment, f"no such experiment; {options}")
    for name in (*content.figures, *content.experiments, *content.analyses):
        if name == NAME or RESERVED.fullmatch(name):
            raise ConfigError(where, name, "this name is reserved for sweeps; rename it in the paper's file")
    varied = [key for key, value in flat(sweep.changes) if isinstance(value, list)]
    experiments, labels = {}, {}
    for number, point in enumerate(points(sweep.changes, where), start=1):
        experiments[f"{NAME}_{number}"] = {"like": sweep.experiment, **point}
        labels[f"{NAME}_{number}"] = label(point, varied)
    figure = {
        "kind": "learning_curves",
        "experiments": list(experiments),
        "labels": labels,
        "title": f"{sweep.experiment} for several {', '.join(map(last, varied))}",
        "caption": f"A sweep of {sweep.experiment} from the command line.",
        "on_demand": True,
    }
    return replace(
        content, experiments={**content.experiments, **experiments}, figures={**content.figures, NAME: figure}
    )


def require_swept(settings: Settings, sweep: Sweep, where: str) -> None:
    """Raise `ConfigError` if an experiment of a sweep, with these `settings`, is a grid.

    Its base then has lists of values that the sweep does not replace.
    """
    own = [place for place, _ in axes({key: value for key, value in settings.items() if key not in KEYS})]
    if own:
        cure = f"has several values of {', '.join(own)}; give the sweep one or several of its own"
        raise ConfigError(f"{where}.of", f"{sweep.paper}/{sweep.experiment}", cure)


def flat(settings: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each setting by its path, such as `model.width`."""
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def label(point: Mapping[str, Any], varied: Iterable[str]) -> str:
    """Return the label of an experiment of a sweep: its varied settings, one per line.

    Parts appear by name.
    """
    values = {path: reduce(lambda part, key: part[key], path.split("."), point) for path in varied}
    texts = {path: value.get("name", value) if isinstance(value, Mapping) else value for path, value in values.items()}
    return "\n".join(f"{last(path)} = {text}" for path, text in texts.items())


def last(path: str) -> str:
    """Return the last key of a path, `width` of `model.width`."""
    return path.rpartition(".")[2]
