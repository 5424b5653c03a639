"""All mutants."""

from tests.mutation import analyses, claims, measures, tasks, theory

MUTANTS = (*theory.MUTANTS, *analyses.MUTANTS, *measures.MUTANTS, *tasks.MUTANTS, *claims.MUTANTS)
