"""Read and check everything in config/ before any job starts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from grokking.parts.errors import MISSING, ConfigError, allowed_names
from grokking.parts.fields import Count, Seeds, build, convert
from grokking.parts.own import place_in_own
from grokking.parts.yaml import read_yaml, typed
from grokking.study.claims import claims_of, collections_of
from grokking.study.config import ABSTRACT, PAPER_SIZE, PaperFile, Settings, UserSettings
from grokking.study.experiments import Builder
from grokking.study.figures import read_figures
from grokking.study.folders import require_config_yaml, stems
from grokking.study.hours import Choice, limited
from grokking.study.inheritance import split
from grokking.study.names import is_rule_name, require_distinct, require_name, require_preset_name, require_rule_name
from grokking.study.origin import CONFIG
from grokking.study.paper_files import Changes, PaperFiles
from grokking.study.references import check_references
from grokking.study.study import Paper, Study
from grokking.study.sweep import FIRST, RESERVED, read_sweep, require_swept

RUNS_PER_JOB = "runs_per_job"  # the key of a preset beside its papers
UNNAMED = "missing; give smaller settings, such as {steps: 100}, or {} to build it at the paper's size"


def read_settings(root: Path, config: Mapping[str, Any]) -> UserSettings:
    """Return the settings in config/config.yaml, overridden by Snakemake's `config`.

    Raises `ConfigError` for a setting that is unknown or has a wrong value.
    """
    require_config_yaml(root)
    defaults = convert(read_yaml(root / CONFIG, CONFIG), dict[str, Any], CONFIG)
    given = {key: typed(value, f"{CONFIG}: {key}") for key, value in config.items()}
    return build(UserSettings, {**defaults, **given}, CONFIG)


class Studies(Mapping[str, Study]):
    """The studies of all presets, by the folder in which each is built, read on first use."""

    def __init__(self, root: Path, chosen: UserSettings, reserved: Collection[str] = ()) -> None:
        self.root, self.chosen, self.reserved = root, chosen, reserved
        presets = preset_names(root)
        if chosen.preset not in presets:
            raise ConfigError(
                f"{CONFIG}: preset", chosen.preset, f"unknown preset; {allowed_names(chosen.preset, presets)}"
            )
        self.presets = {folder_of(preset): preset for preset in dict.fromkeys([chosen.preset, *presets])}
        self.read: dict[str, Study] = {}

    def __getitem__(self, folder: str) -> Study:
        """Return the study that is built in `folder`. Raises `ConfigError`."""
        if folder not in self.read:
            chosen = self.chosen
            self.read[folder] = load_study(
                self.root, list(chosen.papers), self.presets[folder], chosen.seeds, self.reserved,
                chosen.uses_gpu, chosen.budget, chosen.sweep, chosen.everything,
            )  # fmt: skip
        return self.read[folder]

    def limit(self, folder: str, choice: Choice) -> None:
        """Limit the default build of a folder to the chosen figures and what is there: see `study/hours.py`."""
        self.read[folder] = limited(self[folder], choice.chosen, choice.there)

    def __iter__(self) -> Iterator[str]:
        """Yield the folders, beginning with the chosen preset's."""
        return iter(self.presets)

    def __len__(self) -> int:
        """Return the number of presets."""
        return len(self.presets)


def preset_names(root: Path) -> list[str]:
    """Return `paper`, which changes nothing, and the names of the presets in config/presets/.

    Raises `ConfigError` for a file with a wrong name.
    """
    names = stems(root, "presets")
    for name in names:
        require_preset_name(name, f"config/presets/{name}.yaml")
    return [PAPER_SIZE, *names]


def folder_of(preset: str) -> str:
    """Return the folder in which a preset is built."""
    return "results" if preset == PAPER_SIZE else f"results/{preset}"


def load_study(
    root: Path,
    papers: list[str],
    preset: str,
    seeds: int | Sequence[int] | None,
    reserved: Collection[str] = (),
    gpu: bool = False,
    budget: float = 1,
    sweep: Settings | None = None,
    everything: bool = False,
) -> Study:
    """Read and return the study of `papers` with a `preset`.

    `seeds` overrides those of all experiments: a number n, for 0 to n - 1, or a list. Comparisons
    of methods take only as many of them as they have themselves. `reserved` lists the workflow's
    targets besides papers and figures; `gpu` says whether jobs run on a GPU; `budget` multiplies
    the steps of open-ended experiments; `sweep` adds an experiment for each of several values;
    `everything` takes all published seeds and the figures on demand. Raises `ConfigError`.
    """
    override = None if seeds is None else tuple(sorted(convert(seeds, Seeds, f"{CONFIG}: seeds")))
    for name in papers:
        if papers.count(name) > 1:
            raise ConfigError(f"{CONFIG}: papers", name, "is listed twice")
    chosen = read_sweep(sweep, papers, stems(root, "papers"), f"{CONFIG}: sweep")
    changes, size = read_preset(root, preset)
    files = PaperFiles(root, changes, chosen)
    try:
        read = {name: read_paper(files, name, preset, override, budget, everything) for name in papers}
    except RecursionError:
        raise ConfigError("config/papers/", MISSING, "an anchor contains itself, or nesting is too deep") from None
    except ConfigError:
        raise
    except Exception as error:
        if place := place_in_own(error):
            raise ConfigError(place, MISSING, f"{type(error).__name__}: {error}") from None
        raise
    study = Study(preset, read, gpu, size)
    check_targets(study, reserved)
    check_references(study)
    return study


def read_preset(root: Path, preset: str) -> tuple[dict[str, Changes], int]:
    """Return the changes of a preset, by paper, and its number of runs per job.

    Raises `ConfigError` for a preset that cannot be used.
    """
    known = preset_names(root)
    if preset not in known:
        raise ConfigError(f"{CONFIG}: preset", preset, f"unknown preset; {allowed_names(preset, known)}")
    if preset == PAPER_SIZE:
        return {}, 1
    where = f"config/presets/{preset}.yaml"
    content = convert(read_yaml(root / where, where), dict[str, Any], where)
    size = convert(content.pop(RUNS_PER_JOB, 1), Count, f"{where}: {RUNS_PER_JOB}")
    papers = stems(root, "papers")
    for paper in content:
        if paper not in papers:
            options = allowed_names(paper, [RUNS_PER_JOB, *papers])
            raise ConfigError(f"{where}: {paper}", MISSING, f"no such paper; {options}")
    changes: dict[str, Changes] = convert(content, dict[str, dict[str, Settings]], where)
    return changes, size


def read_paper(
    files: PaperFiles, name: str, preset: str, seeds: tuple[int, ...] | None, budget: float, everything: bool
) -> Paper:
    """Return a paper with a preset's changes and any sweep of an experiment.

    With `everything` it has all published seeds, and no figure is on demand.
    Raises `ConfigError` for a file that cannot be used.
    """
    if name not in files.papers:
        raise ConfigError(f"{CONFIG}: papers", name, f"unknown paper; {allowed_names(name, files.papers)}")
    where = f"config/papers/{name}.yaml"
    require_rule_name(name, where)
    content, changes = files.content(name), files.changes.get(name, {})
    if preset != PAPER_SIZE:
        place = f"config/presets/{preset}.yaml: {name}"
        check_changes(changes, content, place)
        check_sizes(files, name, place)
    sweep = files.sweep if files.sweep and files.sweep.paper == name else None
    where += " with the sweep" if sweep else ""
    for section in ("experiments", "analyses"):
        for key in getattr(content, section):
            require_name(key, f"{where}: {section}")
    experiments, abstract = split(files.settings(name, "experiments"), f"{where}: experiments")
    if sweep:
        require_swept(experiments[FIRST], sweep, f"{CONFIG}: sweep")
    builder = Builder(
        name,
        where if preset == PAPER_SIZE else f"{where} with preset {preset}",
        experiments,
        abstract,
        files.settings(name, "analyses"),
        seeds,
        budget,
        content.compared,
        everything,
    )
    figures = read_figures(content.figures, name, where)
    if everything:
        figures = {key: replace(figure, on_demand=False) for key, figure in figures.items()}
    return Paper(
        name,
        content.title or name,
        builder.experiments(),
        abstract,
        builder.analyses(),
        figures,
        claims_of(files.root, name),
        content.comparisons,
        content.tolerance_checks,
        content.tolerances(experiments),
        judged_in={figure.name: collections_of(files.root, figure) for figure in figures.values() if figure.claims},
    )


def check_changes(changes: Changes, content: PaperFile, where: str) -> None:
    """Raise `ConfigError` if a preset changes an experiment or analysis that does not exist."""
    known = [*content.experiments, *content.analyses]
    for name in changes:
        if name not in known:
            raise ConfigError(f"{where}.{name}", MISSING, f"no such experiment; {allowed_names(name, known)}")


def check_sizes(files: PaperFiles, paper: str, where: str) -> None:
    """Raise `ConfigError` if a preset leaves an experiment or analysis at the paper's size.

    Every experiment that has runs, and every analysis that reads none, must have an entry in the
    preset or be `like` one that has.
    """
    for section in ("experiments", "analyses"):
        before, after = (files.settings(paper, section, changed) for changed in (False, True))
        for name, values in after.items():
            has_size = not values.get(ABSTRACT) and "of" not in values and not RESERVED.fullmatch(name)
            if has_size and name not in files.changes.get(paper, {}) and values == before[name]:
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


def other_targets(root: Path, study: Study, reserved: Collection[str]) -> dict[str, str]:
    """Return the targets of papers that are not in `study`, each with its paper.

    The files of these papers may be invalid: names that no target can have, or that are taken, are
    left out.
    """
    targets = {
        target: name
        for name in stems(root, "papers")
        if name not in study.papers
        for target in (name, *figure_targets(root, name))
    }
    taken = {name.lower() for name in (*reserved, *study.papers, *study.figures)}
    return {name: paper for name, paper in targets.items() if is_rule_name(name) and name.lower() not in taken}


def figure_targets(root: Path, paper: str) -> list[str]:
    """Return the targets of a paper's figures; empty if the paper's file is invalid."""
    where = f"config/papers/{paper}.yaml"
    try:
        content = read_yaml(root / where, where)
        return [f"{paper}_{name}" for name in content["figures"]]
    except (ConfigError, KeyError, TypeError):
        return []
