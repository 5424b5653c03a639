"""Mutants of the solvers, the references and what a run is compared with."""

from tests.mutation import Mutant

MUTANTS = (
    Mutant(
        "agreement is measured on the training set",
        "theory/alignment.py",
        "unseen = ~data.observed\n",
        "unseen = data.observed\n",
        ("test_references.py",),
    ),
)
