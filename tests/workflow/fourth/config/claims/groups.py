"""What the paper says of the composition of permutations."""

from grokking.claims import AtLeast, AtMost, Claims, experiment

claims = Claims()
claims.paper(
    "fig1.memorised",
    "§ 1",
    "Momentum memorises the training pairs (largest training accuracy).",
    experiment("momentum").maximum("train_accuracy"),
    AtLeast(0.99),
)
claims.paper(
    "fig1.sooner",
    "Figure 1",
    "Steps of a fixed length memorise sooner (how many times as fast).",
    experiment("compared").where(dynamics="normalised_descent").mean("speed"),
    AtLeast(1.01),
)
claims.ours(
    "fig1.steps",
    "Figure 1, from the runs",
    "Steps of a fixed length memorise sooner (ratio of the steps).",
    experiment("normalised").crossing("train_accuracy", 0.99) / experiment("momentum").crossing("train_accuracy", 0.99),
    AtMost(0.99),
)
