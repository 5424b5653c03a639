"""The names of the files in config/: papers, presets and claims."""

import re
from pathlib import Path

from grokking.parts.errors import MISSING, ConfigError

ENDINGS = {"papers": ".yaml", "presets": ".yaml", "claims": ".py"}
# A file that someone meant to be read. Hidden files and the backups of editors have other endings.
MEANT = re.compile(r"(?P<stem>[^.].*)\.(ya?ml|json|py)(\.txt)?", re.IGNORECASE)


def stems(root: Path, folder: str) -> list[str]:
    """Return the names, without ending, of the files in a folder of config/.

    Raises `ConfigError` for a wrong ending.
    """
    return [named(file, ENDINGS[folder], f"config/{folder}") for file in meant(root / "config" / folder, "*")]


def require_config_yaml(root: Path) -> None:
    """Raise `ConfigError` for a file such as config.yml, which is not read."""
    for file in meant(root / "config", "config.*"):
        named(file, ".yaml", "config")


def meant(folder: Path, pattern: str) -> list[Path]:
    """Return the files in a folder that somebody means to be read, sorted by name.

    These are YAML, JSON and Python files that fit `pattern`, but not hidden files and backups.
    """
    return sorted(file for file in folder.glob(pattern) if MEANT.fullmatch(file.name))


def named(file: Path, ending: str, where: str) -> str:
    """Return the name of a file without its `ending`.

    Raises `ConfigError` if the file has another ending.
    """
    if file.suffix == ending:
        return file.stem
    right = f"{MEANT.fullmatch(file.name)['stem']}{ending}"  # type: ignore[index]
    both = (file.parent / right).exists()
    cure = f" beside {right}: remove one of them" if both else f": rename it to {right}"
    raise ConfigError(where, MISSING, f"found {file.name}{cure}")
