"""Names that files, rules, targets and jobs of the workflow can carry."""

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches

from grokking.parts.errors import ConfigError

LONGEST = 80
FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
RULE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Folders of results/, in which each preset but `paper` has one of its own; `paper` means that there is no preset.
FOLDERS = (
    *("paper", "published", "runs", "jobs", "analyses", "alignments", "references", "checkpoints"),
    *("figures", "tables", "sweeps", "logs", "benchmarks", "set_aside"),
)


def key_of(rule: str, wildcards: Iterable[str]) -> str:
    """The name of a job in lists of run times, as `draw_figure:results,lyu2024,figure_1a`."""
    return f"{rule}:{','.join(wildcards)}"


def require_name(name: str, where: str) -> None:
    """Raise `ConfigError` unless a file can be called `name`."""
    if not FILE.fullmatch(name) or len(name) > LONGEST:
        raise ConfigError(
            where, name, f"a name is up to {LONGEST} of A-Z a-z 0-9 _ . - and starts with a letter or digit"
        )


def require_rule_name(name: str, where: str) -> None:
    """Raise `ConfigError` unless a target of the workflow can be called `name`."""
    if not RULE.fullmatch(name) or len(name) > LONGEST:
        raise ConfigError(where, name, f"a name is up to {LONGEST} of A-Z a-z 0-9 _ and starts with a letter")


def require_preset_name(name: str, where: str) -> None:
    """Raise `ConfigError` unless results/`name` can be the folder of a preset."""
    require_name(name, where)
    if name.lower() in FOLDERS:
        raise ConfigError(where, name, f"no name for a preset; taken: {', '.join(sorted(FOLDERS))}")


def require_distinct(targets: Iterable[tuple[str, str]], reserved: Collection[str]) -> None:
    """Raise `ConfigError` if two of the `targets` (name, and where it is from) are one, or one is `reserved`.

    Capitals do not tell two names apart: on some machines they do not tell two files apart.
    """
    taken = {name.lower(): "the workflow itself" for name in reserved}
    for name, where in targets:
        if name.lower() in taken:
            raise ConfigError(where, name, f"the target {name} is also that of {taken[name.lower()]}; rename one")
        taken[name.lower()] = where


def near(name: str, known: Iterable[str]) -> str:
    """The `known` names that are similar to an unknown one, for a message; empty if none is."""
    close = get_close_matches(name, known)
    return f"near: {', '.join(close)}" if close else ""


def near_or_all(name: str, known: Collection[str]) -> str:
    """The `known` names that are similar to an unknown one, or else all, for a message."""
    return near(name, known) or f"allowed: {', '.join(known) or 'none'}"
