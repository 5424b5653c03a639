"""All mutants."""

from tests.mutation import (
    analyses,
    claims,
    clarke,
    dynamics,
    figures,
    fleets,
    measures,
    models,
    sums,
    tasks,
    theory,
    users,
)

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
    *sums.MUTANTS,
    *fleets.MUTANTS,
    *users.MUTANTS,
)
