"""From the YAML files in config/ to the runs, figures and claims of one study.

A study is what one preset builds: the experiments of the chosen papers with the preset's numbers put in. Everything is
checked here, before any job starts; `ConfigError` names file, key, value and what is allowed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from grokking.claims import Claim
from grokking.figures import FIGURES
from grokking.runs import RunSpec
from grokking.specs.analysis import TheoremSpec
from grokking.specs.fields import ConfigError, Count, convert
from grokking.specs.yaml import check, overlay, read_yaml

Spec = TypeVar("Spec", RunSpec, TheoremSpec)


@dataclass(frozen=True)
class Figure:
    """One figure: how it is drawn, from which experiments, and what is said beside it."""

    name: str
    kind: str
    experiments: tuple[str, ...]
    title: str
    caption: str
    deviations: tuple[str, ...]
    paper: str
    on_demand: bool = False  # left out of a build unless asked for


@dataclass(frozen=True)
class Study:
    """All experiments and theorems (one spec per seed), figures and claims of the chosen papers.

    Experiments and theorems share one space of names: a figure or a claim is about either.

    `comparisons` and `tolerance_checks` name experiments that differ only in their dynamics.
    """

    preset: str
    experiments: dict[str, list[RunSpec]]
    theorems: dict[str, list[TheoremSpec]]
    figures: dict[str, Figure]
    claims: list[Claim]
    comparisons: dict[str, dict[str, str]]
    tolerance_checks: dict[str, str]

    @property
    def default_figures(self) -> dict[str, Figure]:
        """The figures of a build that names none."""
        return {name: figure for name, figure in self.figures.items() if not figure.on_demand}

    @property
    def default_runs(self) -> dict[str, RunSpec]:
        """The runs behind the default figures, the claims and the comparisons."""
        needed = {name for figure in self.default_figures.values() for name in figure.experiments}
        needed |= {name for claim in self.claims for name in claim.experiments}
        needed |= {name for pair in self.comparisons.values() for name in pair.values()}
        needed |= set(self.tolerance_checks.values())
        return {spec.id: spec for name, specs in self.experiments.items() if name in needed for spec in specs}

    @property
    def all_theorems(self) -> dict[str, TheoremSpec]:
        """Every theorem of the study by its id."""
        return {spec.id: spec for specs in self.theorems.values() for spec in specs}

    @property
    def runs(self) -> dict[str, RunSpec]:
        """Every run of the study by its id."""
        return {spec.id: spec for specs in self.experiments.values() for spec in specs}

    def runs_of(self, experiments: tuple[str, ...]) -> list[RunSpec]:
        """The runs of several experiments, in order; a theorem has none."""
        return [spec for name in experiments for spec in self.experiments.get(name, [])]

    def theorems_of(self, names: tuple[str, ...]) -> list[TheoremSpec]:
        """The same for theorems."""
        return [spec for name in names for spec in self.theorems.get(name, [])]


def load_study(root: Path, papers: list[str], preset: str, seeds: int | None) -> Study:
    """The study that `preset` makes of `papers`; `seeds` overrides how many runs an experiment of several has."""
    overrides = {} if preset == "paper" else read_preset(root, preset)
    study = Study(preset, {}, {}, {}, [], {}, {})
    for paper in papers:
        file = root / "config" / "papers" / f"{paper}.yaml"
        if not file.exists():
            known = ", ".join(sorted(p.stem for p in file.parent.glob("*.yaml")))
            raise ConfigError("config/config.yaml: papers", paper, f"unknown paper; allowed: {known}")
        content = check(read_yaml(file), root / "workflow/schemas/paper.schema.yaml", relative(file, root))
        where = relative(file, root)
        changes = overrides.get(paper, {})
        require_known(changes, {**content["experiments"], **content.get("theorems", {})}, preset)
        settings = (content, changes, where, preset, seeds)
        study.experiments.update(read_specs("experiments", *settings, RunSpec.from_mapping))
        study.theorems.update(read_specs("theorems", *settings, TheoremSpec.from_mapping))
        names = {**study.experiments, **study.theorems}
        study.figures.update(read_figures(content["figures"], names, paper, where))
        study.comparisons.update(read_comparisons(content.get("comparisons", {}), study.experiments, where))
        study.tolerance_checks.update(read_tolerance_checks(content, study.experiments, where))
        study.claims.extend(read_claims(root, paper, names))
    return study


def read_preset(root: Path, preset: str) -> dict[str, Any]:
    """The overrides of a preset, by paper and experiment."""
    file = root / "config" / "presets" / f"{preset}.yaml"
    if not file.exists():
        known = ", ".join(["paper", *sorted(p.stem for p in file.parent.glob("*.yaml"))])
        raise ConfigError("config/config.yaml: preset", preset, f"unknown preset; allowed: {known}")
    overrides: dict[str, Any] = check(
        read_yaml(file), root / "workflow/schemas/preset.schema.yaml", relative(file, root)
    )
    return overrides


def read_specs(
    section: str,
    content: Mapping[str, Any],
    overrides: Mapping[str, Any],
    where: str,
    preset: str,
    seeds: int | None,
    make: Callable[[Mapping[str, Any], str], Spec],
) -> dict[str, list[Spec]]:
    """One spec per seed of each entry of a section, `like` and the preset resolved, as `make` builds it.

    `seeds` leaves comparisons at their own number.
    """
    compared = {name for pair in content.get("comparisons", {}).values() for name in pair.values()}
    compared |= set(content.get("tolerance_checks", {}).values())
    merged = {name: overlay(values, overrides.get(name, {})) for name, values in content.get(section, {}).items()}
    specs = {}
    for name in merged:
        values = resolve(name, merged, f"{where}: {section}")
        place = f"{where}{f' with preset {preset}' if name in overrides else ''}: {section}.{name}"
        if "seed" in values:
            raise ConfigError(f"{place}.seed", values["seed"], "unknown key; seeds is the number of runs")
        own = convert(values.pop("seeds"), Count, f"{place}.seeds")
        count = own if seeds is None or name in compared else seeds
        specs[name] = [make({**values, "seed": seed}, place) for seed in range(count)]
    return specs


def require_known(overrides: Mapping[str, Any], names: Mapping[str, Any], preset: str) -> None:
    """Raise `ConfigError` if a preset changes something that there is not."""
    for name in overrides:
        if name not in names:
            raise ConfigError(
                f"config/presets/{preset}.yaml: {name}", "…", f"no such experiment; allowed: {', '.join(names)}"
            )


def resolve(name: str, experiments: Mapping[str, Any], where: str, seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """The settings of `name`, laid over those of the experiment it is `like`."""
    values = dict(experiments[name])
    base = values.pop("like", None)
    if base is None:
        return {"seeds": 1, **values}
    if base not in experiments or base in (*seen, name):
        options = ", ".join(other for other in experiments if other not in (*seen, name))
        raise ConfigError(f"{where}.{name}.like", base, f"must be another experiment: {options}")
    return overlay(resolve(base, experiments, where, (*seen, name)), values)


def read_figures(raw: Mapping[str, Any], experiments: Mapping[str, Any], paper: str, where: str) -> dict[str, Figure]:
    """The figures of a paper."""
    figures = {}
    for name, values in raw.items():
        if values["kind"] not in FIGURES:
            raise ConfigError(
                f"{where}: figures.{name}.kind", values["kind"], f"unknown; allowed: {', '.join(FIGURES)}"
            )
        for experiment in values["experiments"]:
            require_experiment(experiment, experiments, f"{where}: figures.{name}.experiments")
        lists = {key: tuple(values[key]) for key in ("experiments", "deviations")}
        figures[name] = Figure(name=name, paper=paper, **{**values, **lists})
    return figures


def read_comparisons(raw: Mapping[str, Any], experiments: Mapping[str, Any], where: str) -> dict[str, dict[str, str]]:
    """The pairs of experiments that differ only in their dynamics."""
    for name, pair in raw.items():
        for side, experiment in pair.items():
            require_experiment(experiment, experiments, f"{where}: comparisons.{name}.{side}")
    return dict(raw)


def read_tolerance_checks(content: Mapping[str, Any], experiments: Mapping[str, Any], where: str) -> dict[str, str]:
    """From experiments to the same with a tighter tolerance."""
    checks: dict[str, str] = content.get("tolerance_checks", {})
    for name, tight in checks.items():
        for experiment in (name, tight):
            require_experiment(experiment, experiments, f"{where}: tolerance_checks.{name}")
    return checks


def read_claims(root: Path, paper: str, experiments: Mapping[str, Any]) -> list[Claim]:
    """The claims of a paper, each about an experiment that exists."""
    file = root / "config" / "claims" / f"{paper}.yaml"
    where = relative(file, root)
    claims: list[Claim] = []
    for values in check(read_yaml(file), root / "workflow/schemas/claims.schema.yaml", where):
        for key in ("experiment", "minus"):
            require_experiment(values.get(key, values["experiment"]), experiments, f"{where}: {values['id']}.{key}")
        if values["id"] in {claim.id for claim in claims}:
            raise ConfigError(f"{where}: id", values["id"], "must be different for every claim")
        claims.append(Claim.from_mapping(values, f"{where}: {values['id']}"))
    return claims


def require_experiment(name: str, experiments: Mapping[str, Any], where: str) -> None:
    """Raise `ConfigError` unless there is such an experiment."""
    if name not in experiments:
        raise ConfigError(where, name, f"no such experiment; allowed: {', '.join(experiments)}")


def relative(file: Path, root: Path) -> str:
    """The file as a user of the repository writes it."""
    return file.relative_to(root).as_posix()
