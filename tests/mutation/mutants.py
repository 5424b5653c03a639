"""All mutants."""

from tests.mutation import dynamics, figures, models, theory

MUTANTS = (*theory.MUTANTS, *models.MUTANTS, *dynamics.MUTANTS, *figures.MUTANTS)
