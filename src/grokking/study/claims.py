"""The claims of a paper, which it need not have."""

from pathlib import Path

from grokking.claims.claim import Claim
from grokking.claims.load import read_claims


def claims_of(root: Path, paper: str) -> tuple[Claim, ...]:
    """The claims of config/claims/<paper>.py. Raises `ConfigError`."""
    where = claims_file(paper)
    return read_claims(root / where, where) if (root / where).exists() else ()


def claims_file(paper: str) -> str:
    """Where a paper's claims are, as a user of the repository writes it."""
    return f"config/claims/{paper}.py"


def place_of(claim: Claim) -> str:
    """Where a claim stands, for a message: file, line and the id that it has there."""
    paper, _, id = claim.id.partition(".")
    return f"{claims_file(paper)}, line {claim.line}: {id}"
