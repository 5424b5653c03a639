"""The look of the figures that a user chooses, checked before any job starts."""

from pathlib import Path
from typing import Any

from grokking.files import sha256
from grokking.parts.errors import ConfigError, allowed_names
from grokking.study.config import UserSettings

SUFFIX = ".mplstyle"


def look_of(settings: UserSettings, where: str) -> dict[str, Any]:
    """Return the parameters of jobs that draw, of JSON types; a changed style file draws again.

    Raises `ConfigError`, with the key in `where`, for a style that matplotlib does not have or
    cannot read.
    """
    look: dict[str, Any] = {"style": settings.style, "width": settings.figure_width}
    if settings.style and settings.style.endswith(SUFFIX):
        require_readable(settings.style, where)
        look["sha256"] = sha256(Path(settings.style))
    elif settings.style:
        from matplotlib import style

        if settings.style not in style.library:
            allowed = f"no such style; a file *{SUFFIX}, or {allowed_names(settings.style, style.available)}"
            raise ConfigError(f"{where}: style", settings.style, allowed)
    return look


def require_readable(file: str, where: str) -> None:
    """Raise `ConfigError` for a style file that is missing, or has a key or value of no use."""
    import matplotlib as mpl

    try:
        mpl.rc_params_from_file(file, fail_on_error=True)
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"{where}: style", file, f"cannot be read: {error}") from None
