"""What is said of the composition of permutations."""

from grokking.claims import AtLeast, AtMost, Claims, experiment

claims = Claims()
claims.paper(
    "fig1.memorised",
    "§ 1",
    "The training set is memorised.",
    experiment("momentum").maximum("train_accuracy"),
    AtLeast(0.99),
)
claims.paper(
    "fig1.faster",
    "§ 1",
    "Steps of a given length take fewer steps.",
    experiment("compared").where(dynamics="normalised_descent").mean("speed"),
    AtLeast(1),
)
claims.ours(
    "fig1.ratio",
    "§ 1",
    "The same, from the runs themselves.",
    experiment("normalised").crossing("train_accuracy", 0.99) / experiment("momentum").crossing("train_accuracy", 0.99),
    AtMost(1),
)
