"""Valid names of files, rules, targets and jobs of the workflow."""

import re
from collections.abc import Collection, Iterable

from grokking.parts.errors import ConfigError

LONGEST = 80
FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
RULE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Folders of results/, which no preset may be called; `paper` stands for no preset.
FOLDERS = (
    *("paper", "published", "runs", "jobs", "analyses", "alignments", "references", "checkpoints", "states"),
    *("figures", "tables", "sweeps", "logs", "benchmarks", "set_aside"),
)


def key_of(rule: str, wildcards: Iterable[str]) -> str:
    """Return the name of a job in lists of run times: `draw_figure:results,lyu2024,figure_1a`."""
    return f"{rule}:{','.join(wildcards)}"


def require_name(name: str, where: str) -> None:
    """Raise `ConfigError` unless a file can be called `name`."""
    if not FILE.fullmatch(name) or len(name) > LONGEST:
        raise ConfigError(
            where, name, f"a name is up to {LONGEST} of A-Z a-z 0-9 _ . - and starts with a letter or digit"
        )


def require_rule_name(name: str, where: str) -> None:
    """Raise `ConfigError` unless a target of the workflow can be called `name`."""
    if not is_rule_name(name):
        raise ConfigError(where, name, f"a name is up to {LONGEST} of A-Z a-z 0-9 _ and starts with a letter")


def is_rule_name(name: str) -> bool:
    """Return whether a target of the workflow can be called `name`."""
    return bool(RULE.fullmatch(name)) and len(name) <= LONGEST


def require_preset_name(name: str, where: str) -> None:
    """Raise `ConfigError` unless results/`name` can be the folder of a preset."""
    require_name(name, where)
    if name.lower() in FOLDERS:
        raise ConfigError(where, name, f"not allowed as a preset; folders of results/: {', '.join(sorted(FOLDERS))}")


def require_distinct(targets: Iterable[tuple[str, str]], reserved: Collection[str]) -> None:
    """Raise `ConfigError` if two of the `targets` (name, origin) are equal, or one is `reserved`.

    Names are compared without case, as some file systems do.
    """
    taken = {name.lower(): "the workflow" for name in reserved}
    for name, where in targets:
        if name.lower() in taken:
            raise ConfigError(where, name, f"{name} is already a target of {taken[name.lower()]}; rename this one")
        taken[name.lower()] = where
