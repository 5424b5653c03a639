"""Reading a file of claims, a Python file that defines `claims = Claims()`.

docs/claims.md shows how to write one.
"""

import traceback
from collections.abc import Mapping
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
    return claims_among(names_of(file, where), file.stem, where)


def claims_in(text: str, paper: str, where: str) -> tuple[Claim, ...]:
    """Read the claims of `paper` from the text of its file. Raises `ConfigError`."""
    return claims_among(names_in(text, paper, where), paper, where)


def claims_among(names: Mapping[str, Any], paper: str, where: str) -> tuple[Claim, ...]:
    """Return the claims among the `names` that a file defines. Raises `ConfigError` without any."""
    claims = names.get("claims")
    if not isinstance(claims, Claims):
        raise ConfigError(where, MISSING, "must define claims = Claims()")
    return of_paper(claims, paper)


def read_collections(file: Path, where: str, variable: str) -> dict[str, tuple[Claim, ...]]:
    """Read the collections of claims that a file calls `variable`, a dict of `Claims` by label.

    These are judged in a figure, not in the table of claims. Raises `ConfigError` as `read_claims`
    does, and unless there is such a dict.
    """
    found = names_of(file, where).get(variable)
    if not isinstance(found, dict) or not found or not all(isinstance(claims, Claims) for claims in found.values()):
        raise ConfigError(where, MISSING, f"must define {variable} = {{label: Claims(), …}}")
    return {str(label): of_paper(claims, file.stem) for label, claims in found.items()}


def of_paper(claims: Claims, paper: str) -> tuple[Claim, ...]:
    """Return claims whose ids begin with the name of their `paper`."""
    return tuple(replace(claim, id=f"{paper}.{claim.id}") for claim in claims)


@kept_while_unchanged
def names_of(file: Path, where: str) -> dict[str, Any]:
    """Return what a file of claims defines, by name; do not change it. Raises `ConfigError`."""
    return names_in(decoded(content_of(file, where), where), file.stem, where)


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
