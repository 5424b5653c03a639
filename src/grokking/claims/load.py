"""Reading a file of claims, a Python file that defines `claims = Claims()`.

docs/claims.md shows how to write one.
"""

import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

from grokking.cached import kept_while_unchanged
from grokking.claims.claim import Claim, Claims
from grokking.parts.errors import MISSING, ConfigError
from grokking.parts.yaml import content_of, decoded


@kept_while_unchanged
def read_claims(file: Path, where: str) -> tuple[Claim, ...]:
    """Read the claims in a file, whose ids begin with the file's name.

    `where` is the file's name in errors. Raises `ConfigError`, with the line, if the file is not
    valid Python or a claim in it is malformed.
    """
    return claims_in(decoded(content_of(file, where), where), file.stem, where)


def claims_in(text: str, paper: str, where: str) -> tuple[Claim, ...]:
    """Read the claims of `paper` from the text of its file. Raises `ConfigError`."""
    claims = names_in(text, paper, where).get("claims")
    if not isinstance(claims, Claims):
        raise ConfigError(where, MISSING, "must define claims = Claims()")
    return named(claims, paper)


def read_collections(file: Path, where: str, variable: str) -> dict[str, tuple[Claim, ...]]:
    """Read the collections of claims that a file calls `variable`, a dict of `Claims` by label.

    These are judged in a figure, not in the table of claims. Raises `ConfigError` as `read_claims`
    does, and unless there is such a dict.
    """
    found = names_in(decoded(content_of(file, where), where), file.stem, where).get(variable)
    if not isinstance(found, dict) or not found or not all(isinstance(claims, Claims) for claims in found.values()):
        raise ConfigError(where, MISSING, f"must define {variable} = {{label: Claims(), …}}")
    return {str(label): named(claims, file.stem) for label, claims in found.items()}


def named(claims: Claims, paper: str) -> tuple[Claim, ...]:
    """Return claims whose ids begin with the name of their `paper`."""
    return tuple(replace(claim, id=f"{paper}.{claim.id}") for claim in claims)


def names_in(text: str, paper: str, where: str) -> dict[str, Any]:
    """Return what the file of claims of `paper` defines, by name. Raises `ConfigError`."""
    names: dict[str, Any] = {"__name__": paper}
    try:
        exec(compile(text, where, "exec"), names)
    except SyntaxError as error:
        raise ConfigError(f"{where}, line {error.lineno}", MISSING, error.msg) from None
    except (Exception, SystemExit) as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == where]
        message = str(error).partition("\n")[0]
        raise ConfigError(f"{where}, line {lines[-1]}", MISSING, f"{type(error).__name__}: {message}") from None
    return names
