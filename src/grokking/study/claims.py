"""The claims of a paper, config/claims/<paper>.yaml, which a paper need not have."""

import re
from dataclasses import replace
from pathlib import Path

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
        claim = build(Claim, values, f"{claims_file(paper)}: claim {number}")
        where = f"{claims_file(paper)}: {claim.id}"
        if not ID.fullmatch(claim.id):
            raise ConfigError(f"{where}.id", claim.id, "must be words of a-z 0-9 _ with dots between")
        if claim.id in claims:
            raise ConfigError(f"{where}.id", claim.id, "must be different for every claim")
        claims[claim.id] = replace(claim, id=f"{paper}.{claim.id}")
    return tuple(claims.values())


def claims_file(paper: str) -> str:
    """Where a paper's claims are, as a user of the repository writes it."""
    return f"config/claims/{paper}.yaml"
