"""All mutants."""

from tests.mutation import clarke, theory

MUTANTS = (*theory.MUTANTS, *clarke.MUTANTS)
