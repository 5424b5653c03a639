"""The claims of a paper, config/claims/<paper>.yaml, which a paper need not have."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from grokking.specs.fields import ConfigError, build
from grokking.specs.yaml import read_yaml
from grokking.study.config import Claim

ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")


def read_claims(root: Path, paper: str) -> tuple[Claim, ...]:
    """The claims, whose ids begin with the paper's name. Raises `ConfigError`."""
    file = root / claims_file(paper)
    if not file.exists():
        return ()
    entries = read_yaml(file, claims_file(paper)) or []
    if not isinstance(entries, list):
        raise ConfigError(claims_file(paper), entries, "must be a list of claims")
    claims: dict[str, Claim] = {}
    for number, values in enumerate(entries, 1):
        claim = read_claim(values, claims_file(paper), number)
        if claim.id in claims:
            raise ConfigError(f"{claims_file(paper)}: {claim.id}.id", claim.id, "must be different for every claim")
        claims[claim.id] = replace(claim, id=f"{paper}.{claim.id}")
    return tuple(claims.values())


def read_claim(values: Any, where: str, number: int) -> Claim:
    """One claim, called by its id in messages, or by its number where it has none."""
    name = values.get("id") if isinstance(values, dict) else None
    claim = build(Claim, values, f"{where}: {name or f'claim {number}'}")
    if not ID.fullmatch(claim.id):
        raise ConfigError(f"{where}: claim {number}.id", claim.id, "must be words of a-z 0-9 _ with dots between")
    return claim


def claims_file(paper: str) -> str:
    """Where a paper's claims are, as a user of the repository writes it."""
    return f"config/claims/{paper}.yaml"
