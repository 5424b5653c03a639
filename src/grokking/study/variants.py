"""Variants: some experiments of a paper once more, with other settings, such as another net."""

from collections.abc import Mapping
from dataclasses import replace

from grokking.parts.errors import ConfigError, allowed_names
from grokking.study.config import PaperFile, Settings, Variant


def with_variants(content: PaperFile, where: str) -> PaperFile:
    """Return a paper's file with the experiments of its variants, one variant after the other.

    A variant may be of experiments of the variants before it. Raises `ConfigError` if a variant is
    of an experiment that the file does not have, or if a name is taken.
    """
    experiments = dict(content.experiments)
    for variant, settings in content.variants.items():
        place = f"{where}: variants.{variant}"
        for name, varied in varied_experiments(variant, settings, experiments, f"{place}.of").items():
            if name in experiments:
                raise ConfigError(place, name, "is already an experiment; rename the variant")
            experiments[name] = varied
    return replace(content, experiments=experiments)


def varied_experiments(
    variant: str, settings: Variant, experiments: Mapping[str, Settings], where: str
) -> dict[str, Settings]:
    """Return the experiments of a variant by name, each `like` the one that it varies.

    Raises `ConfigError`, which names the place `where`, for an unknown experiment.
    """
    varied = {}
    for name in settings.of:
        if name not in experiments:
            raise ConfigError(where, name, f"no such experiment; {allowed_names(name, experiments)}")
        changes = {"like": name, **settings.changes}
        parent = parent_of(name, experiments)
        if parent in settings.of:
            changes["start"] = {"name": "run", "experiment": f"{parent}-{variant}"}
        varied[f"{name}-{variant}"] = changes
    return varied


def parent_of(name: str, experiments: Mapping[str, Settings]) -> str | None:
    """Return the experiment from whose weights `name` starts, by its settings or those it is like.

    None if it starts from none, or from one of another paper.
    """
    seen: set[object] = set()
    here: object = name
    while isinstance(here, str) and here in experiments and here not in seen:
        seen.add(here)
        start = experiments[here].get("start")
        if isinstance(start, Mapping) and "experiment" in start:
            return str(start["experiment"])
        here = experiments[here].get("like")
    return None
