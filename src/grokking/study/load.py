"""Read and check everything in config/ before any job starts."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from grokking.parts.errors import MISSING, ConfigError
from grokking.parts.fields import Count, Seeds, build, convert
from grokking.parts.yaml import read_yaml
from grokking.study.claims import claims_of
from grokking.study.config import ABSTRACT, PaperFile, Settings, UserSettings
from grokking.study.experiments import Builder
from grokking.study.figures import read_figures
from grokking.study.inheritance import settings, split
from grokking.study.names import require_distinct, require_name, require_preset_name, require_rule_name
from grokking.study.references import check_references
from grokking.study.study import Paper, Study
from grokking.study.sweep import Sweep, read_sweep, with_sweep

CONFIG = "config/config.yaml"
WORDS = {"true": True, "false": False, "null": None}
PAPER_SIZE = "paper"  # the preset that changes nothing
UNNAMED = "missing; give smaller settings, such as {steps: 100}, or {} to build it at the paper's size"
RUNS_PER_JOB = "runs_per_job"  # the key of a preset beside its papers
Changes = dict[str, Settings]  # of a preset, by experiment or analysis


def read_settings(values: Mapping[str, Any]) -> UserSettings:
    """The settings in config/config.yaml or on the command line. Raises `ConfigError`.

    Snakemake passes true, false and null of the command line on as text.
    """
    typed = {key: WORDS.get(value, value) if isinstance(value, str) else value for key, value in values.items()}
    return build(UserSettings, typed, CONFIG)


class Studies(Mapping[str, Study]):
    """The study of each preset by the folder in which it is built, read on first use."""

    def __init__(self, root: Path, chosen: UserSettings, reserved: Collection[str] = ()) -> None:
        self.root, self.chosen, self.reserved = root, chosen, reserved
        presets = preset_names(root)
        if chosen.preset not in presets:
            raise ConfigError(f"{CONFIG}: preset", chosen.preset, f"unknown preset; allowed: {', '.join(presets)}")
        self.presets = {folder_of(preset): preset for preset in dict.fromkeys([chosen.preset, *presets])}
        self.read: dict[str, Study] = {}

    def __getitem__(self, folder: str) -> Study:
        """The study that is built in `folder`. Raises `ConfigError`."""
        if folder not in self.read:
            chosen = self.chosen
            self.read[folder] = load_study(
                self.root, list(chosen.papers), self.presets[folder], chosen.seeds, self.reserved,
                chosen.uses_gpu, chosen.budget, chosen.sweep,
            )  # fmt: skip
        return self.read[folder]

    def __iter__(self) -> Iterator[str]:
        """The folders, beginning with the chosen preset's."""
        return iter(self.presets)

    def __len__(self) -> int:
        """The number of presets."""
        return len(self.presets)


def preset_names(root: Path) -> list[str]:
    """`paper`, which changes nothing, and the presets in config/presets/. Raises `ConfigError`."""
    names = stems(root, "presets")
    for name in names:
        require_preset_name(name, f"config/presets/{name}.yaml")
    return [PAPER_SIZE, *names]


def folder_of(preset: str) -> str:
    """The folder in which a preset is built."""
    return "results" if preset == PAPER_SIZE else f"results/{preset}"


def load_study(
    root: Path,
    papers: list[str],
    preset: str,
    seeds: int | None,
    reserved: Collection[str] = (),
    gpu: bool = False,
    budget: float = 1,
    sweep: Settings | None = None,
) -> Study:
    """The study of `papers` with a `preset`.

    `seeds` overrides the number of seeds of all experiments but comparisons of methods. `reserved`
    lists the workflow's targets besides papers and figures; `gpu` says whether jobs run on a GPU;
    `budget` multiplies the steps of open-ended experiments; `sweep` adds an experiment for each of
    several values. Raises `ConfigError`.
    """
    count = None if seeds is None else convert(seeds, Seeds, f"{CONFIG}: seeds")
    for name in papers:
        if papers.count(name) > 1:
            raise ConfigError(f"{CONFIG}: papers", name, "is listed twice")
    chosen = read_sweep(sweep, papers, f"{CONFIG}: sweep")
    changes, size = read_preset(root, preset)
    try:
        read = {name: read_paper(root, name, preset, changes.get(name, {}), count, budget, chosen) for name in papers}
    except RecursionError:
        raise ConfigError("config/papers/", MISSING, "an anchor contains itself, or nesting is too deep") from None
    study = Study(preset, read, gpu, size)
    check_targets(study, reserved)
    check_references(study)
    return study


def read_preset(root: Path, preset: str) -> tuple[dict[str, Changes], int]:
    """The changes of a preset, by paper, and its number of runs per job. Raises `ConfigError`."""
    known = preset_names(root)
    if preset not in known:
        raise ConfigError(f"{CONFIG}: preset", preset, f"unknown preset; allowed: {', '.join(known)}")
    if preset == PAPER_SIZE:
        return {}, 1
    where = f"config/presets/{preset}.yaml"
    content = convert(read_yaml(root / where, where), dict[str, Any], where)
    size = convert(content.pop(RUNS_PER_JOB, 1), Count, f"{where}: {RUNS_PER_JOB}")
    changes: dict[str, Changes] = convert(content, dict[str, dict[str, Settings]], where)
    papers = stems(root, "papers")
    for paper in changes:
        if paper not in papers:
            allowed = ", ".join([RUNS_PER_JOB, *papers])
            raise ConfigError(f"{where}: {paper}", MISSING, f"no such paper; allowed: {allowed}")
    return changes, size


def read_paper(
    root: Path,
    name: str,
    preset: str,
    changes: Changes,
    seeds: int | None,
    budget: float,
    sweep: Sweep | None,
) -> Paper:
    """A paper with a preset's changes and any sweep of an experiment. Raises `ConfigError`."""
    known = stems(root, "papers")
    if name not in known:
        raise ConfigError(f"{CONFIG}: papers", name, f"unknown paper; allowed: {', '.join(known)}")
    where = f"config/papers/{name}.yaml"
    require_rule_name(name, where)
    content = build(PaperFile, read_yaml(root / where, where), where)
    if preset != PAPER_SIZE:
        place = f"config/presets/{preset}.yaml: {name}"
        check_changes(changes, content, place)
        check_sizes(changes, content, where, place)
    if sweep and sweep.paper == name:
        content, where = with_sweep(content, sweep, f"{CONFIG}: sweep"), f"{where} with the sweep"
    for section in ("experiments", "analyses"):
        for key in getattr(content, section):
            require_name(key, f"{where}: {section}")
    section = f"{where}: experiments"
    experiments, abstract = split(settings(content.experiments, changes, section), section)
    builder = Builder(
        name,
        f"{where} with preset {preset}" if changes else where,
        experiments,
        abstract,
        settings(content.analyses, changes, f"{where}: analyses"),
        seeds,
        budget,
        content.compared,
    )
    return Paper(
        name,
        content.title or name,
        builder.experiments(),
        abstract,
        builder.analyses(),
        read_figures(content.figures, name, where),
        claims_of(root, name),
        content.comparisons,
        content.tolerance_checks,
        content.tolerances(experiments),
    )


def check_changes(changes: Changes, content: PaperFile, where: str) -> None:
    """Raise `ConfigError` if a preset changes an experiment or analysis that does not exist."""
    known = [*content.experiments, *content.analyses]
    for name in changes:
        if name not in known:
            raise ConfigError(f"{where}.{name}", MISSING, f"no such experiment; allowed: {', '.join(known)}")


def check_sizes(changes: Changes, content: PaperFile, file: str, where: str) -> None:
    """Raise `ConfigError` if a preset omits an experiment or analysis and does not change it.

    Abstract experiments have no size; an analysis `of` an experiment has that of its runs.
    """
    for section in ("experiments", "analyses"):
        entries = getattr(content, section)
        before, after = (settings(entries, changed, f"{file}: {section}") for changed in ({}, changes))
        for name, values in after.items():
            has_size = not values.get(ABSTRACT) and "of" not in values
            if has_size and name not in changes and values == before[name]:
                raise ConfigError(f"{where}.{name}", MISSING, UNNAMED)


def check_targets(study: Study, reserved: Collection[str]) -> None:
    """Raise `ConfigError` unless all papers and figures have different target names."""
    papers = [(paper.name, paper.file) for paper in study.papers.values()]
    figures = [
        (figure.target, f"{paper.file}: figures.{figure.name}")
        for paper in study.papers.values()
        for figure in paper.figures.values()
    ]
    require_distinct([*papers, *figures], reserved)


def other_papers(root: Path, chosen: Collection[str]) -> dict[str, list[str]]:
    """The targets of the papers that are not `chosen`, whose files may be invalid."""
    return {name: [name, *figure_targets(root, name)] for name in stems(root, "papers") if name not in chosen}


def figure_targets(root: Path, paper: str) -> list[str]:
    """The targets of a paper's figures; empty if its file is invalid."""
    where = f"config/papers/{paper}.yaml"
    try:
        content = read_yaml(root / where, where)
        return [f"{paper}_{name}" for name in content["figures"]]
    except (ConfigError, KeyError, TypeError):
        return []


def stems(root: Path, folder: str) -> list[str]:
    """The names of the YAML files in a folder of config/."""
    return sorted(file.stem for file in (root / "config" / folder).glob("*.yaml"))
