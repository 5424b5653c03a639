"""The names of the files in config/: papers, presets and claims."""

import re
from pathlib import Path

from grokking.parts.errors import MISSING, ConfigError

ENDINGS = {"papers": ".yaml", "presets": ".yaml", "claims": ".py"}
# A file that someone meant to be read. Hidden files and the backups of editors have other endings.
MEANT = re.compile(r"(?P<stem>[^.].*)\.(ya?ml|json|py)(\.txt)?", re.IGNORECASE)


def stems(root: Path, folder: str) -> list[str]:
    """The names of the files in a folder of config/. Raises `ConfigError` for a wrong ending."""
    return [named(file, ENDINGS[folder], f"config/{folder}") for file in meant(root / "config" / folder, "*")]


def require_config_yaml(root: Path) -> None:
    """Raise `ConfigError` for a file config.yml, which nobody would read."""
    for file in meant(root / "config", "config.*"):
        named(file, ".yaml", "config")


def meant(folder: Path, pattern: str) -> list[Path]:
    """The files that someone meant to be read, in order of their names."""
    return sorted(file for file in folder.glob(pattern) if MEANT.fullmatch(file.name))


def named(file: Path, ending: str, where: str) -> str:
    """The name of a file without its ending. Raises `ConfigError` if it has another one."""
    if file.suffix == ending:
        return file.stem
    right = f"{MEANT.fullmatch(file.name)['stem']}{ending}"  # type: ignore[index]
    both = (file.parent / right).exists()
    cure = f" beside {right}: remove one of them" if both else f": rename it to {right}"
    raise ConfigError(where, MISSING, f"found {file.name}{cure}")
