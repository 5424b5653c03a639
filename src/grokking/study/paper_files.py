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
    """The files of all papers in config/, each read on first use.

    `changes` are a preset's, by paper; `sweep` adds its experiments to its paper.
    """

    def __init__(self, root: Path, changes: Mapping[str, Changes], sweep: Sweep | None = None) -> None:
        self.root, self.changes, self.sweep = root, changes, sweep
        self.papers = stems(root, "papers")
        self.content = cache(self.read)

    def read(self, paper: str) -> PaperFile:
        """The content of a paper's file, with any sweep's experiments. Raises `ConfigError`."""
        where = f"config/papers/{paper}.yaml"
        content = build(PaperFile, read_yaml(self.root / where, where), where)
        if self.sweep and self.sweep.paper == paper:
            return with_sweep(content, self.sweep, f"{CONFIG}: sweep")
        return content

    def settings(self, paper: str, section: str, changed: bool = True) -> dict[str, Settings]:
        """The full settings of the experiments or analyses of a paper. Raises `ConfigError`.

        Unless `changed`, they are those of the files without the preset.
        """

        @cache
        def entries(paper: str) -> Changes:
            changes = self.changes.get(paper, {}) if changed else {}
            written = getattr(self.content(paper), section)
            return {name: overlay(values, changes.get(name, {})) for name, values in written.items()}

        return Section(section, self.papers, entries).settings(paper)
