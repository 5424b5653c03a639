"""Grok your own function from Python: `python docs/tutorial.py` (a few minutes on a laptop).

A two-layer ReLU net learns n² + m² modulo 23 from 80 % of the table, by gradient flow with weight decay
λ. Its initial weights are scaled by α. The larger α, the longer the net only memorises: the delay
grows as (1/λ) log α (Lyu et al. 2024). The picture is results/tutorial.png.
"""

import grokking  # noqa: I001 (before matplotlib loads numpy: its arithmetic is fixed on import)

import math
from pathlib import Path

import matplotlib.pyplot as plt

LAMBDA, ETA, SCALES = 1e-3, 0.02, (2, 4, 8, 16)
RESULTS = Path(__file__).resolve().parents[1] / "results"  # of the repository; git ignores it


# 1. A run has the keys of config/papers/*.yaml. `grokking.run("lyu2024/fig2a", steps=1e6)` changes
#    an experiment from there.
def net(alpha):
    return grokking.run(
        task={"name": "modular_function", "p": 23, "observed": 0.8, "function": "n^2 + m^2"},
        model={"name": "two_layer_net", "width": 256, "init_scale": alpha},
        dynamics={"name": "gradient_flow", "tolerance": 1e-2},
        weight_decay=LAMBDA,
        learning_rate=ETA,
        steps=1e6,
        stop={"name": "level", "column": "test_accuracy", "level": 0.95},
    )


# 2. Train. An interrupted run resumes from its checkpoint, a finished one is read.
# 3. A table is a DataFrame with a row for each observation; t = η · step.
tables, moments = {}, {}  # by α; a moment is the λt of the transition
for alpha in SCALES:
    print(f"α = {alpha:2}: ", end="", flush=True)
    table = tables[alpha] = grokking.train(net(alpha), RESULTS, progress=False).table
    memorised, grokked = (ETA * grokking.crossing(table, f"{part}_accuracy", 0.5) for part in ("train", "test"))
    moments[alpha] = LAMBDA * grokked
    print(f"memorised at t = {memorised:5.1f}, grokked at t = {grokked:6.0f}, λt = {moments[alpha]:.2f}")

# 4. The theory: λt of the transition moves with log α, with slope 1 as α → ∞.
first, last = SCALES[1], SCALES[-1]
slope = (moments[last] - moments[first]) / math.log(last / first)
print(f"slope of λt against log α: {slope:.2f}")

# 5. The curves against t, and against λt - log α, where the theory lets them fall together.
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3), sharey=True, layout="constrained")
for alpha, table in tables.items():
    left.plot(table["time"], table["test_accuracy"], label=f"α = {alpha}")
    right.plot(LAMBDA * table["time"] - math.log(alpha), table["test_accuracy"])
left.set(xscale="log", xlim=(0.1, None), xlabel="t", ylabel="test accuracy")
right.set(xlim=(-1.5, None), xlabel="λt - log α")
left.legend()
figure.savefig(RESULTS / "tutorial.png")
print(f"the curves, and how they fall together: {RESULTS / 'tutorial.png'}")

# `grokking.figure` draws runs like the papers: the kinds are in `grokking.figures.kinds`.
