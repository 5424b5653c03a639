"""The files of all papers, chosen or not, as a preset and a sweep change them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from grokking.parts.errors import ConfigError
from grokking.parts.fields import build
from grokking.parts.yaml import read_yaml
from grokking.study.config import ABSTRACT, PaperFile, Settings
from grokking.study.folders import stems
from grokking.study.inheritance import Section, overlay
from grokking.study.origin import CONFIG
from grokking.study.sweep import Sweep, with_sweep
from grokking.study.variants import with_variants

Changes = dict[str, Settings]  # of a preset, by experiment or analysis


class PaperFiles:
    """The files of all papers in config/, with a preset's changes, each read on first use.

    `changes` are those of the preset, by paper; `sweep` adds its experiments to the paper that it
    is on.
    """

    def __init__(self, root: Path, changes: Mapping[str, Changes], sweep: Sweep | None = None) -> None:
        self.root, self.changes, self.sweep = root, changes, sweep
        self.papers = stems(root, "papers")
        self.content = cache(self.read)

    def read(self, paper: str) -> PaperFile:
        """Return the content of a paper's file, with its variants and a sweep on this paper.

        Raises `ConfigError` for a file that cannot be used.
        """
        where = f"config/papers/{paper}.yaml"
        content = build(PaperFile, read_yaml(self.root / where, where), where)
        for name, values in content.experiments.items():
            if values.get(ABSTRACT) is True and not self.is_base(paper, name, content.experiments):
                place = f"{where}: experiments.{name}.{ABSTRACT}"
                raise ConfigError(place, True, "no experiment is like it; remove it, or set false")
        content = with_variants(content, where)
        if self.sweep and self.sweep.paper == paper:
            return with_sweep(content, self.sweep, f"{CONFIG}: sweep")
        return content

    def is_base(self, paper: str, name: str, own: Mapping[str, Settings]) -> bool:
        """Whether one of the paper's `own` experiments, or one of another paper, is `like` an experiment."""
        full = f"{paper}/{name}"
        return any(values.get("like") in (name, full) for values in own.values()) or any(
            values.get("like") == full for other in self.papers if other != paper for values in self.written(other)
        )

    def written(self, paper: str) -> list[Settings]:
        """The experiments in a paper's file as they are written; empty if the file is invalid."""
        where = f"config/papers/{paper}.yaml"
        try:
            return [*read_yaml(self.root / where, where)["experiments"].values()]
        except (ConfigError, KeyError, TypeError, AttributeError):
            return []

    def settings(self, paper: str, section: str, changed: bool = True) -> dict[str, Settings]:
        """Return the full settings of a paper's experiments or analyses, `section`, by name.

        Unless `changed`, they lack the changes of the preset. Raises `ConfigError`.
        """

        @cache
        def entries(paper: str) -> Changes:
            changes = self.changes.get(paper, {}) if changed else {}
            written = getattr(self.content(paper), section)
            return {name: overlay(values, changes.get(name, {})) for name, values in written.items()}

        return Section(section, self.papers, entries).settings(paper)
