"""Mutants of the numbers that claims and figures read off tables and weights."""

from tests.mutation import Mutant

CURVES = (
    Mutant(
        "curves are interpolated on the linear axis",
        "measures/curves.py",
        "return np.log(np.maximum(step, np.exp(-1) * steps[steps > 0][0]))",
        "return np.maximum(step, np.exp(-1) * steps[steps > 0][0])",
        ("test_measures.py",),
    ),
    Mutant(
        "step 0 stands where step 1 does",
        "measures/curves.py",
        "np.maximum(step, np.exp(-1) *",
        "np.maximum(step, 1.0 *",
        ("test_measures.py",),
    ),
    Mutant(
        "a window without its last step",
        "measures/curves.py",
        "(steps >= start) & (steps <= end)",
        "(steps >= start) & (steps < end)",
        ("test_measures.py",),
    ),
    Mutant(
        "a level of the final value instead of an early one",
        "measures/curves.py",
        "level *= interpolated(evidence, self.column, self.of_value_at)",
        "level *= values[-1]",
        ("test_measures.py",),
    ),
    Mutant(
        "the last crossing instead of the first",
        "measures/curves.py",
        "after = int(passes.argmax()) + 1",
        "after = int(np.nonzero(passes)[0][-1]) + 1",
        ("test_measures.py",),
    ),
    Mutant(
        "a crossing is the observation before it",
        "measures/curves.py",
        "after = int(passes.argmax()) + 1",
        "after = max(1, int(passes.argmax()))",
        ("test_measures.py",),
    ),
    Mutant(
        "down is up",
        "measures/curves.py",
        'values >= level if self.direction == "up"',
        'values >= level if self.direction == "down"',
        ("test_measures.py",),
    ),
    Mutant(
        "an extrapolated share of a crossing",
        "measures/curves.py",
        "share = (level - values[after - 1])",
        "share = (values[after] - level)",
        ("test_measures.py",),
    ),
    Mutant(
        "the first value instead of the last",
        "measures/curves.py",
        "return float(between(evidence, self.column, 0, math.inf)[-1])",
        "return float(between(evidence, self.column, 0, math.inf)[0])",
        ("test_measures.py", "test_claims.py"),
    ),
    Mutant(
        "the vertex of another parabola",
        "measures/curves.py",
        "(left + right) / 2 * rise / (rise + fall)",
        "(left + right) / 2 * fall / (rise + fall)",
        ("test_measures.py",),
    ),
    Mutant(
        "the vertex for evenly spaced steps only",
        "measures/curves.py",
        "rise, fall = (y[1] - y[0]) / left, (y[1] - y[2]) / right",
        "rise, fall = (y[1] - y[0]) / right, (y[1] - y[2]) / left",
        ("test_measures.py",),
    ),
)

EVENTS = (
    Mutant(
        "accuracies count as rising, whatever they do",
        "measures/events.py",
        'direction = "up" if last >=',
        'direction = "up" if 1 + last >=',
        ("test_measures.py",),
    ),
    Mutant(
        "a share of the value at step 0",
        "measures/events.py",
        '"down", of_value_at=1)',
        '"down", of_value_at=0.1)',
        ("test_measures.py",),
    ),
    Mutant(
        "settings count as events",
        "measures/events.py",
        "[name for name in table if table[name].nunique() > 1]",
        "[name for name in table if table[name].nunique() > 0]",
        ("test_measures.py",),
    ),
    Mutant(
        "old over new",
        "measures/events.py",
        "else new / old if old else None",
        "else old / new if old else None",
        ("test_measures.py",),
    ),
)

WEIGHTS = (
    Mutant(
        "inverse participation of the amplitudes",
        "measures/ipr.py",
        ".abs().square()\n",
        ".abs()\n",
        ("test_measures.py",),
    ),
    Mutant(
        "participation summed over neurons",
        "measures/ipr.py",
        "power.square().sum(1) / power.sum(1).square()",
        "power.square().sum(2) / power.sum(2).square()",
        ("test_measures.py",),
    ),
    Mutant(
        "the square of the sum is missing",
        "measures/ipr.py",
        "power.sum(1).square()",
        "power.sum(1)",
        ("test_measures.py",),
    ),
    Mutant(
        "the joint reading takes the blocks one by one",
        "measures/ipr.py",
        '"joint_fft": lambda W: torch.fft.fft(W, dim=1).flatten(0, 1)[None]',
        '"joint_fft": lambda W: torch.fft.fft(W, dim=1)',
        ("test_measures.py",),
    ),
    Mutant(
        "the full transform counts every wave once",
        "measures/ipr.py",
        '"block_fft": lambda W: torch.fft.fft(W, dim=1)',
        '"block_fft": lambda W: torch.fft.rfft(W, dim=1)',
        ("test_measures.py",),
    ),
    Mutant(
        "blocks of other rows",
        "measures/ipr.py",
        ".reshape(2, -1, W1.shape[1])",
        ".reshape(-1, 2, W1.shape[1]).transpose(0, 1)",
        ("test_measures.py",),
    ),
    Mutant(
        "the least margin over the mean",
        "measures/kkt.py",
        "return mean_margin / least_margin - 1 if",
        "return 1 - least_margin / mean_margin if",
        ("test_measures.py",),
    ),
    Mutant(
        "cosines column by column",
        "measures/kkt.py",
        "float(torch.nn.functional.cosine_similarity(x.flatten(), y.flatten(), dim=0))",
        "float(torch.nn.functional.cosine_similarity(x, y, dim=0).mean())",
        ("test_measures.py",),
    ),
)

TABLES = (
    Mutant(
        "one degree of freedom too many",
        "measures/line.py",
        "freedom = len(x) - 2",
        "freedom = len(x) - 1",
        ("test_measures.py",),
    ),
    Mutant(
        "a one-sided interval",
        "measures/line.py",
        "t.ppf((1 + CONFIDENCE) / 2, freedom)",
        "t.ppf(CONFIDENCE, freedom)",
        ("test_measures.py",),
    ),
    Mutant(
        "the error of the intercept for that of the slope",
        "measures/line.py",
        "float(found.stderr)",
        "float(found.intercept_stderr)",
        ("test_measures.py",),
    ),
    Mutant(
        "the line of x against y",
        "measures/line.py",
        "linregress(x, y)",
        "linregress(y, x)",
        ("test_measures.py",),
    ),
    Mutant(
        "the sum for the mean",
        "measures/tables.py",
        "observed(evidence, self.column).mean()",
        "observed(evidence, self.column).sum()",
        ("test_measures.py",),
    ),
    Mutant(
        "the onset at the last failure",
        "measures/tables.py",
        "along[along > last_failure].min()",
        "along[along >= last_failure].min()",
        ("test_measures.py",),
    ),
    Mutant(
        "the smallest success for the onset",
        "measures/tables.py",
        "last_failure = along[~holds].max(initial=-math.inf)",
        "last_failure = along[~holds].min(initial=math.inf)",
        ("test_measures.py",),
    ),
    Mutant(
        "the slope without logarithms",
        "measures/tables.py",
        "fitted_line(*np.log(points))",
        "fitted_line(*points)",
        ("test_measures.py",),
    ),
    Mutant(
        "repeated points weigh more",
        "measures/tables.py",
        "np.unique(points[:, ~np.isnan(points).any(axis=0)], axis=1)",
        "points[:, ~np.isnan(points).any(axis=0)]",
        ("test_measures.py",),
    ),
    Mutant(
        "the inverse exponent",
        "measures/tables.py",
        "np.stack([evidence.values(self.against), evidence.values(self.of)])",
        "np.stack([evidence.values(self.of), evidence.values(self.against)])",
        ("test_measures.py",),
    ),
    Mutant(
        "rows in the order of the table",
        "measures/tables.py",
        '.sort_values(STEP, kind="stable")',
        "",
        ("test_measures.py",),
    ),
    Mutant(
        "rows with another value",
        "measures/tables.py",
        "part = part.of(part.table[chosen])",
        "part = part.of(part.table[~chosen])",
        ("test_measures.py",),
    ),
)

MUTANTS = (*CURVES, *EVENTS, *WEIGHTS, *TABLES)
