"""All mutants."""

from tests.mutation import claims, theory

MUTANTS = (*theory.MUTANTS, *claims.MUTANTS)
