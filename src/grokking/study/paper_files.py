"""The files of all papers, chosen or not, as a preset and a sweep change them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from grokking.parts.fields import build
from grokking.parts.yaml import read_yaml
from grokking.study.config import PaperFile, Settings
from grokking.study.folders import stems
from grokking.study.inheritance import Section, overlay
from grokking.study.origin import CONFIG
from grokking.study.sweep import Sweep, with_sweep

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
        """Return the content of a paper's file, with the experiments of a sweep on this paper.

        Raises `ConfigError` for a file that cannot be used.
        """
        where = f"config/papers/{paper}.yaml"
        content = build(PaperFile, read_yaml(self.root / where, where), where)
        if self.sweep and self.sweep.paper == paper:
            return with_sweep(content, self.sweep, f"{CONFIG}: sweep")
        return content

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
