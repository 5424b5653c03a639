"""What a paper says, measured on our runs and judged by a rule that was written first."""

from grokking.claims.claim import Claim
from grokking.claims.judge import Judgement, judge
from grokking.measures.curves import Evidence

__all__ = ["Claim", "Evidence", "Judgement", "judge"]
