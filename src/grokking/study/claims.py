"""The claims of a paper, which it need not have."""

from pathlib import Path

from grokking.claims.claim import Claim, read_claims


def claims_of(root: Path, paper: str) -> tuple[Claim, ...]:
    """The claims of config/claims/<paper>.yaml. Raises `ConfigError`."""
    file = root / claims_file(paper)
    return tuple(read_claims([file])) if file.exists() else ()


def claims_file(paper: str) -> str:
    """Where a paper's claims are, as a user of the repository writes it."""
    return f"config/claims/{paper}.yaml"
