"""The full settings of each experiment or analysis: the preset's changes, then `like`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from grokking.parts.errors import ConfigError, allowed_names, near
from grokking.parts.fields import convert
from grokking.study.config import ABSTRACT, Settings

Entries = Mapping[str, Settings]  # experiments or analyses by name


@dataclass(frozen=True)
class Section:
    """The section `name`, experiments or analyses, of the files of all `papers`.

    `entries(paper)` are those in a paper's file, with a preset's changes. A change of an entry
    therefore also holds for the entries that are `like` it, in its paper and in others.
    """

    name: str
    papers: Collection[str]
    entries: Callable[[str], Entries]

    def settings(self, paper: str) -> dict[str, Settings]:
        """The settings of every entry of a paper, over those of the entry it is `like`.

        All keys but `abstract` are inherited. Raises `ConfigError`.
        """
        return {name: renamed(self.inherited(paper, name), local, paper) for name in self.entries(paper)}

    def inherited(self, paper: str, name: str, seen: tuple[str, ...] = ()) -> Settings:
        """The settings of an entry; `seen` lists the entries that are like it. Raises `ConfigError`."""
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
        """The paper and the name of the entry that an entry of `paper` is `like`, none of those `seen`.

        Raises `ConfigError`.
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
                where, like, f"must be another {of}: {', '.join(options)}" + (f"; {close}" if close else "")
            )
        return other, name


def renamed(settings: Settings, name_of: Callable[[str, str], str], paper: str) -> Settings:
    """The settings of an entry, with `name_of(name, paper)` for the experiments that they name.

    These are the experiment whose final weights a run starts from, and those an analysis is `of`.
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
    """The name `paper/name` of an experiment, as other papers call it."""
    return name if "/" in name else f"{paper}/{name}"


def local(name: str, paper: str) -> str:
    """The name of an experiment as its own `paper` calls it; that of another paper is unchanged."""
    return name.removeprefix(f"{paper}/")


def split(experiments: Entries, where: str) -> tuple[dict[str, Settings], tuple[str, ...]]:
    """The settings of the experiments to build, and the names of the abstract ones.

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
