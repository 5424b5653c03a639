"""All mutants."""

from tests.mutation import theory

MUTANTS = (*theory.MUTANTS,)
