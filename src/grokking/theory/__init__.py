"""What the papers prove about a run: critical times, and the solutions its early and late phases converge to."""

from grokking.theory.alignment import align
from grokking.theory.critical_time import critical_time
from grokking.theory.log_time import log10_time
from grokking.theory.references import References, has_theory, solve_references

__all__ = ["References", "align", "critical_time", "has_theory", "log10_time", "solve_references"]
