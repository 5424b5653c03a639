"""All mutants."""

from tests.mutation import analyses, measures, tasks, theory

MUTANTS = (*theory.MUTANTS, *analyses.MUTANTS, *measures.MUTANTS, *tasks.MUTANTS)
