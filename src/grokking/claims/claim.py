"""A claim: a statement, its source, what we measure, and the rule that judges it."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from grokking.claims.quantity import Quantity
from grokking.claims.rules import Rule

ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
PAPER, OURS, CHECK = "paper", "ours", "check"


@dataclass(frozen=True)
class Claim:
    """A claim, for example `lyu2024.fig1a.plateau`.

    `kind` is PAPER for a statement of the paper, OURS for one that we add: a sensitivity, an
    extension, a corrected formula, and CHECK for what is known beforehand and tests the code: a
    theorem with its constants, an identity, a bound that cannot fail. `reason` explains a claim that
    is known to differ. `line` is the claim's line in its file.
    """

    id: str
    kind: str
    source: str
    statement: str
    quantity: Quantity
    rule: Rule
    reason: str = ""
    line: int = field(default=0, compare=False)

    @property
    def experiments(self) -> tuple[str, ...]:
        """The experiments and analyses needed to judge the claim."""
        return self.quantity.experiments

    @property
    def paper(self) -> float | None:
        """The paper's value; None if it gives none."""
        return self.rule.paper


class Claims:
    """The claims of one paper, in the order of its file; their ids do not have the paper's name."""

    def __init__(self) -> None:
        self._claims: dict[str, Claim] = {}

    def __iter__(self) -> Iterator[Claim]:
        return iter(self._claims.values())

    def paper(self, id: str, source: str, statement: str, quantity: Quantity, rule: Rule, reason: str = "") -> None:
        """Add a statement of the paper. Raises `ValueError` if the id is malformed or taken."""
        self._add(Claim(id, PAPER, source, statement, quantity, rule, reason, line_of_caller()))

    def ours(self, id: str, source: str, statement: str, quantity: Quantity, rule: Rule, reason: str = "") -> None:
        """Add a statement of ours; `source` says what in the paper it extends or corrects.

        Raises `ValueError` if the id is malformed or taken.
        """
        self._add(Claim(id, OURS, source, statement, quantity, rule, reason, line_of_caller()))

    def check(self, id: str, source: str, statement: str, quantity: Quantity, rule: Rule, reason: str = "") -> None:
        """Add a check of the code, which must pass: a theorem with its constants, an identity.

        Raises `ValueError` if the id is malformed or taken.
        """
        self._add(Claim(id, CHECK, source, statement, quantity, rule, reason, line_of_caller()))

    def _add(self, claim: Claim) -> None:
        if not isinstance(claim.quantity, Quantity) or not isinstance(claim.rule, Rule):
            raise ValueError(f"{claim.id!r}: takes a number read off an experiment, then a rule such as AtLeast(0.9)")
        texts = {name: getattr(claim, name) for name in ("id", "source", "statement", "reason")}
        for name, text in texts.items():
            if not isinstance(text, str):
                raise ValueError(f"{claim.id!r}: {name} must be text, not {text!r}")
        if not ID.fullmatch(claim.id):
            raise ValueError(f"{claim.id!r}: an id is words of a-z 0-9 _ with dots between")
        if claim.id in self._claims:
            raise ValueError(f"{claim.id!r}: must be different for every claim")
        self._claims[claim.id] = claim


def line_of_caller() -> int:
    """Return the line that called the method which calls this function."""
    return sys._getframe(2).f_lineno
