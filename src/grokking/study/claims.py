"""The claims of a paper, which are optional."""

from pathlib import Path

from grokking.claims.claim import Claim
from grokking.claims.load import read_claims, read_collections
from grokking.study.config import Figure
from grokking.study.folders import stems


def claims_of(root: Path, paper: str) -> tuple[Claim, ...]:
    """Return the claims in config/claims/<paper>.py; empty if there is no file.

    Raises `ConfigError` for a file that cannot be used.
    """
    where = claims_file(paper)
    return read_claims(root / where, where) if paper in stems(root, "claims") else ()


def collections_of(root: Path, figure: Figure) -> dict[str, tuple[Claim, ...]]:
    """Return the claims that a figure judges, by label. Raises `ConfigError`."""
    where = claims_file(figure.paper)
    return read_collections(root / where, where, figure.claims)


def claims_file(paper: str) -> str:
    """Return the path of a paper's claims in the repository."""
    return f"config/claims/{paper}.py"


def place_of(claim: Claim) -> str:
    """Return the file, line and id of a claim, for a message."""
    paper, _, id = claim.id.partition(".")
    return f"{claims_file(paper)}, line {claim.line}: {id}"
