"""Claims: what a paper says, as a number; how we measure it; whether it holds.

A file of claims, config/claims/<paper>.py, imports from here.
"""

from grokking.claims.claim import Claims
from grokking.claims.limit import limit
from grokking.claims.quantity import Reading
from grokking.claims.rules import AtLeast, AtMost, Within, WithinFactor
from grokking.claims.subject import Subject, experiment

__all__ = ["AtLeast", "AtMost", "Claims", "Reading", "Subject", "Within", "WithinFactor", "experiment", "limit"]
