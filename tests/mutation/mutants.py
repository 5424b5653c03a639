"""All mutants."""

from tests.mutation import analyses, claims, dynamics, figures, measures, models, tasks, theory

MUTANTS = (
    *tasks.MUTANTS,
    *models.MUTANTS,
    *dynamics.MUTANTS,
    *theory.MUTANTS,
    *analyses.MUTANTS,
    *measures.MUTANTS,
    *claims.MUTANTS,
    *figures.MUTANTS,
)
