"""All mutants."""

from tests.mutation import analyses, claims, clarke, dynamics, figures, measures, models, tasks, theory

MUTANTS = (
    *tasks.MUTANTS,
    *models.MUTANTS,
    *dynamics.MUTANTS,
    *theory.MUTANTS,
    *clarke.MUTANTS,
    *analyses.MUTANTS,
    *measures.MUTANTS,
    *claims.MUTANTS,
    *figures.MUTANTS,
)
