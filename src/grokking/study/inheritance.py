"""The full settings of each experiment or analysis: those it is `like`, then its own.

A preset changes the settings first.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from grokking.parts.errors import ConfigError, allowed_names, near
from grokking.parts.fields import convert
from grokking.study.config import ABSTRACT, Settings

Entries = Mapping[str, Settings]  # experiments or analyses by name


@dataclass(frozen=True)
class Section:
    """One section, experiments or analyses, of the files of all `papers`.

    `name` is the key of the section; `entries(paper)` are its entries in a paper's file, with the
    changes of a preset. A change of an entry also holds for all entries that are `like` it, in any
    paper.
    """

    name: str
    papers: Collection[str]
    entries: Callable[[str], Entries]

    def settings(self, paper: str) -> dict[str, Settings]:
        """Return the full settings of every entry of a paper, over those it is `like`.

        All keys but `abstract` are inherited. Raises `ConfigError`.
        """
        return {name: renamed(self.inherited(paper, name), local, paper) for name in self.entries(paper)}

    def inherited(self, paper: str, name: str, seen: tuple[str, ...] = ()) -> Settings:
        """Return the full settings of one entry. Raises `ConfigError`.

        `seen` lists the entries that are `like` this one, as paper/name.
        """
        values = dict(self.entries(paper)[name])
        base = values.pop("like", None)
        if base is None:
            return values
        seen = (*seen, f"{paper}/{name}")
        other, base = self.base(base, paper, f"config/papers/{paper}.yaml: {self.name}.{name}.like", seen)
        above = self.inherited(other, base, seen)
        above.pop(ABSTRACT, None)
        return overlay(above if other == paper else renamed(above, qualified, other), values)

    def base(self, like: Any, paper: str, where: str, seen: tuple[str, ...]) -> tuple[str, str]:
        """Return the paper and the name of the entry to which `like` refers in `paper`.

        Raises `ConfigError`, which names the place `where`, if there is no such entry, or if it is
        among `seen`, those that are `like` it.
        """
        other, slash, name = like.partition("/") if isinstance(like, str) else ("", "", "")
        other, name = (other, name) if slash else (paper, other)
        if other not in self.papers:
            raise ConfigError(where, like, f"no such paper; {allowed_names(other, self.papers)}")
        options = [entry for entry in self.entries(other) if f"{other}/{entry}" not in seen]
        if name not in options:
            of = "of" if other == paper else f"of {other}'s"
            close = near(name, options)
            raise ConfigError(
                where, like, f"must be another {of}: {', '.join(options) or 'none'}" + (f"; {close}" if close else "")
            )
        return other, name


def renamed(settings: Settings, name_of: Callable[[str, str], str], paper: str) -> Settings:
    """Return the settings of an entry with other names for the experiments to which they refer.

    A name becomes `name_of(name, paper)`. These are the experiment from whose final weights a run
    starts, and those an analysis is `of`.
    """
    changed = dict(settings)
    start, of = settings.get("start"), settings.get("of")
    if isinstance(start, Mapping) and isinstance(start.get("experiment"), str):
        changed["start"] = {**start, "experiment": name_of(start["experiment"], paper)}
    if isinstance(of, str):
        changed["of"] = name_of(of, paper)
    elif isinstance(of, list):
        changed["of"] = [name_of(name, paper) if isinstance(name, str) else name for name in of]
    return changed


def qualified(name: str, paper: str) -> str:
    """Return the name `paper/name` by which other papers refer to an experiment."""
    return name if "/" in name else f"{paper}/{name}"


def local(name: str, paper: str) -> str:
    """Return the name of an experiment in its own `paper`; another paper's is unchanged."""
    return name.removeprefix(f"{paper}/")


def split(experiments: Entries, where: str) -> tuple[dict[str, Settings], tuple[str, ...]]:
    """Return the settings of the experiments to build, and the names of the abstract ones.

    Raises `ConfigError` if `abstract` is neither true nor false.
    """
    built, abstract = dict[str, Settings](), []
    for name, values in experiments.items():
        if convert(values.get(ABSTRACT, False), bool, f"{where}.{name}.{ABSTRACT}"):
            abstract.append(name)
        else:
            built[name] = {key: value for key, value in values.items() if key != ABSTRACT}
    return built, tuple(abstract)


def overlay(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Merge `changes` into `base`, mapping by mapping; lists and other values are replaced.

    A mapping with another part name (`name: …`) replaces the old one, whose parameters do not fit.

    >>> overlay({"model": {"name": "mlp", "width": 8}}, {"model": {"width": 16}})
    {'model': {'name': 'mlp', 'width': 16}}
    """
    merged = dict(base)
    for key, value in changes.items():
        old = merged.get(key)
        if (
            isinstance(old, Mapping)
            and isinstance(value, Mapping)
            and value.get("name", old.get("name")) == old.get("name")
        ):
            merged[key] = overlay(old, value)
        else:
            merged[key] = value
    return merged
