"""Every number on the figures of Lyu et al. 2024 that show runs: the right column, unit, panel, axis and name."""

import numpy as np
import pandas as pd
import pytest

from tests.unit.figure_tables import (
    STEPS,
    diamonds,
    distinct,
    drawn,
    labels,
    line,
    marks,
    named_lines,
    run,
    shows,
    together,
    vertical,
)

LINEAR = ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "parameter_norm")
COSINES = ("cosine_to_l2_max_margin", "cosine_to_l1_max_margin", "relative_l2_margin", "relative_l1_margin")
MODULAR = ("train_accuracy", "test_accuracy", "parameter_norm", "normalised_margin", "agreement_with_kernel")
COMPLETION = ("train_loss", "test_loss", "parameter_norm")
DISTANCES = ("distance_to_zero_filled", "distance_to_minimum_nuclear_norm", "distance_to_target")


def test_figure_1_draws_each_column_once_and_where_it_belongs():
    c = distinct(*LINEAR, *COSINES)
    accuracy, loss, alignment, norm = drawn("diagonal_net", run(**c)).axes
    assert shows(accuracy, STEPS, train=c["train_accuracy"], test=c["test_accuracy"])
    assert shows(loss, STEPS, train_loss=c["train_loss"], test_loss=c["test_loss"])
    assert shows(norm, STEPS, **{"$L^2$_norm": c["parameter_norm"]})
    names = {
        "cosine_to_$L^2$_max_margin": "cosine_to_l2_max_margin",
        "cosine_to_$L^1$_max_margin": "cosine_to_l1_max_margin",
        "$L^2$_margin_÷_largest_possible": "relative_l2_margin",
        "$L^1$_margin_÷_largest_possible": "relative_l1_margin",
    }
    assert shows(alignment, STEPS, **{label: c[column] for label, column in names.items()})
    assert [axes.get_ylabel() for axes in (accuracy, loss, alignment)] == ["accuracy", "loss", "alignment"]
    assert [axes.get_yscale() for axes in (accuracy, loss, alignment, norm)] == ["linear", "log", "linear", "linear"]
    assert all(axes.get_xscale() == "log" for axes in (accuracy, loss, alignment))


def test_marks_lie_on_the_axis_and_have_the_colour_of_their_curve():
    columns = distinct(*LINEAR, *COSINES)
    paper = marks(
        ("train_loss", 3, 0.5), ("test_loss", 4, 0.6), ("train_accuracy", 5, 0.7), ("test_accuracy", 6, 0.8),
        ("parameter_norm", 7, 30),
    )  # fmt: skip
    accuracy, loss, _, norm = drawn("diagonal_net", run(**columns), paper).axes
    assert (diamonds(accuracy), diamonds(loss), diamonds(norm)) == (
        [[[5, 0.7]], [[6, 0.8]]], [[[3, 0.5]], [[4, 0.6]]], [[[7, 30]]]
    )  # fmt: skip
    for axes, names in ((accuracy, ("train", "test")), (loss, ("train loss", "test loss")), (norm, ("$L^2$ norm",))):
        shown = [one.get_markerfacecolor() for one in axes.get_lines() if one.get_marker() == "D"]
        assert shown == [line(axes, name).get_color() for name in names]


def test_training_and_test_curves_have_one_colour_in_all_panels():
    figure_1 = drawn("diagonal_net", run(**distinct(*LINEAR))).axes
    figure_3 = drawn("matrix_completion", run(**distinct(*COMPLETION))).axes
    for part in ("train", "test"):
        shown = [line(figure_1[0], part), line(figure_1[1], f"{part} loss"), line(figure_3[0], f"{part} loss")]
        assert len({one.get_color() for one in shown}) == 1


def test_figure_2_draws_each_column_once_and_where_it_belongs():
    c = distinct(*MODULAR)
    accuracy, norm, answers, margin = drawn("modular_addition", run(**c)).axes
    assert shows(accuracy, STEPS, train=c["train_accuracy"], test=c["test_accuracy"])
    assert shows(norm, STEPS, norm=c["parameter_norm"])
    assert shows(answers, STEPS, agreement=c["agreement_with_kernel"])
    assert shows(margin, STEPS, margin=1e4 * c["normalised_margin"])
    assert norm.get_ylabel() == "$L^2$ parameter norm"
    assert answers.get_ylabel() == "agreement with the\nkernel classifier"
    assert margin.get_ylabel() == "margin ÷ $\\|\\theta\\|^2$\n($10^{-4}$)"


def test_an_experiments_name_in_the_legend_has_the_dashes_of_its_curves():
    runs = [run(f"x{s}", init_scale=s, weight_decay=1e-4, parameter_norm=s, train_accuracy=1.0) for s in (1.0, 8.0)]
    accuracy, norm = drawn("modular_addition", together(*runs)).axes
    named = {one.get_label(): str(one.get_linestyle()) for one in accuracy.get_legend().legend_handles}
    drawn_as = {one.get_ydata()[-1]: one for one in norm.get_lines()}
    (patterns,) = {tuple(str(drawn_as[scale]._unscaled_dash_pattern) for scale in (1.0, 8.0))}
    handles = {one.get_label(): str(one._unscaled_dash_pattern) for one in accuracy.get_legend().legend_handles}
    assert patterns == (handles["He × 1"], handles["He × 8"])
    assert len(set(patterns)) == 2
    assert named.keys() == {"He × 1", "He × 8", "train"}


def test_figure_3_draws_each_column_once_and_where_it_belongs():
    c = distinct(*COMPLETION, *DISTANCES)
    loss, low, distance, norm = drawn("matrix_completion", run(**c)).axes
    for axes in (loss, low):
        assert shows(axes, STEPS, train_loss=c["train_loss"], test_loss=c["test_loss"])
    assert shows(norm, STEPS, **{"$L^2$_norm": c["parameter_norm"]})
    names = {
        "to_the_zero-filled_matrix": "distance_to_zero_filled",
        "to_the_least_nuclear_norm": "distance_to_minimum_nuclear_norm",
        "to_the_table_$X^*$": "distance_to_target",
    }
    assert shows(distance, STEPS, **{label: c[column] for label, column in names.items()})
    assert [axes.get_yscale() for axes in (loss, low, distance, norm)] == ["linear", "log", "log", "linear"]
    assert norm.get_ylim() == (0, 200)
    high = drawn("matrix_completion", run(**c | {"parameter_norm": 500.0})).axes[-1]
    assert high.get_ylim() == (0, pytest.approx(550))


def test_each_experiment_of_figure_3_has_its_own_critical_time():
    runs = [run(f"x{s}", relative_time=STEPS / s, weight_decay=s, **distinct(*COMPLETION, *DISTANCES)) for s in (20, 5)]
    assert vertical(drawn("matrix_completion", together(*runs)).axes[2]) == [20, 5]


def test_figure_4_takes_the_median_over_seeds_at_the_same_logarithm_of_time():
    """Accuracies that are linear in log₁₀ t, observed at other times by each seed, 2 % and 6 % apart."""
    seeds = []
    for seed, (pace, shift) in enumerate(((50, 0.0), (40, 0.02), (45, 0.06))):
        time = pace * np.arange(11.0)
        scores = {"train_accuracy": 0.5 + shift, "test_accuracy": time / 1000 + shift}
        seeds.append(run(seed=seed, steps=np.arange(11.0), log10_time=time, parameter_norm=100 + time, **scores))
    short, long, near, far = drawn("no_weight_decay", together(*seeds)).axes
    for axes, highest in ((short, 1.1 * 147.5), (long, 400)):
        time, test = named_lines(axes)["test"].T
        np.testing.assert_allclose(test, time / 1000 + 0.02)
        assert (time.min(), 90 in time) == (50, True)  # where all seeds are past step 1
        assert time.max() <= highest
    assert named_lines(long)["test"][-1, 0] == 400  # where the shortest of the seeds ends
    assert set(named_lines(long)["train"][:, 1]) == {0.52}
    for axes in (near, far):
        time, norm = named_lines(axes)["$L^2$ norm"].T
        np.testing.assert_allclose(norm, 100 + time)
    assert (near.get_yscale(), far.get_yscale()) == ("linear", "log")
    assert (short.get_xscale(), long.get_xscale()) == ("linear", "log")
    assert (short.get_title(), long.get_title()) == ("up to $t = 10^{147}$", "the whole run")


def passing(name, step, **keys):
    """A run whose test accuracy passes 50 % at `step`, at time 0.1 · step, and rises by 10 % a decade."""
    steps = np.array([0, *np.logspace(0, 9, 91)])
    accuracy = 0.5 + 0.1 * np.log10(np.maximum(steps, 1) / step)
    return run(name, steps=steps, train_accuracy=accuracy + 0.2, test_accuracy=accuracy, **keys)


def test_delay_law_shows_lambda_times_t_beside_the_predicted_growth_with_log_alpha():
    """λ t₅₀ = 2 + log α for α from 10 on, and at α = 10 larger λ have larger λ t₅₀."""
    decay, scales = 1e-3, np.array([3.0, 10, 30, 100])
    delays = np.where(scales < 10, 50, 2 + np.log(scales))
    runs = [
        passing(f"a{a}", t / decay / 0.1, init_scale=a, weight_decay=decay) for a, t in zip(scales, delays, strict=True)
    ]
    others = {1e-2: delays[1] + 1, 1e-1: delays[1] + 2}
    runs += [passing(f"d{d}", t / d / 0.1, init_scale=10.0, weight_decay=d) for d, t in others.items()]
    by_scale, by_decay = drawn("delay_law", together(*runs)).axes
    predicted = r"predicted: $\log\alpha\,+$ constant"
    assert labels(by_scale) == labels(by_decay) == ["runs", predicted]
    np.testing.assert_allclose(line(by_scale, "runs").get_xydata(), np.stack([scales, delays], 1), rtol=1e-6)
    expected = [[a, 2 + np.log(a)] for a in (10, 30, 100)]  # not at the scale that is not lazy
    np.testing.assert_allclose(line(by_scale, predicted).get_xydata(), expected, rtol=1e-6)
    known = {decay: delays[1], **others}
    np.testing.assert_allclose(line(by_decay, "runs").get_xydata(), list(map(list, known.items())), rtol=1e-6)
    expected = [[d, delays[1] + 1] for d in known]  # the same for all λ: the median
    np.testing.assert_allclose(line(by_decay, predicted).get_xydata(), expected, rtol=1e-6)
    for axes, name in ((by_scale, "scale of initialisation α (He × α)"), (by_decay, "weight decay λ")):
        assert (axes.get_xlabel(), axes.get_ylabel()) == (name, r"$\lambda\, t_{50\,\%}$")
        assert (axes.get_xscale(), axes.get_yscale()) == ("log", "linear")
    assert by_scale.get_ylim() == by_decay.get_ylim()


def test_kkt_shows_one_minus_the_cosine_and_the_complementarity_of_each_experiment():
    steps, flow = pd.Series(STEPS), distinct("gradient_cosine", "complementarity")
    other = {name: values / 3 for name, values in flow.items()}
    left, right = drawn("kkt", together(run("a", **flow), run("b", **other))).axes
    assert left.get_ylim() == right.get_ylim()
    for axes, one in ((left, flow), (right, other)):
        slack = "mean_margin_of_the_multipliers_÷_smallest_margin_-_1"
        residuals = {"1_-_cos(θ,_-∇ℒ)": 1 - one["gradient_cosine"], slack: one["complementarity"]}
        assert shows(axes, steps, **residuals)
        assert (axes.get_xscale(), axes.get_yscale(), axes.get_ylabel()) == ("log", "log", "KKT residual")


def test_label_noise_is_shown_on_its_time_scales_beside_the_limit_of_the_flow():
    step, eta = np.array([1e3, 1e4, 1e5]), 0.01
    noisy = distinct("population_loss", "distance_to_flow", steps=step)
    data = run("n", steps=step, learning_rate=eta, **noisy).assign(time=eta * step)
    ends = ((0, 0.7), (1, 0.9), (2, 2.0))
    flows = [run("f", s, population_loss=[5.0, 4, 3, 2, end], learning_rate=1.0, role="reference") for s, end in ends]
    losses, distance = drawn("label_noise", together(data, *flows)).axes
    found = named_lines(losses)
    np.testing.assert_allclose(found["η = 0.01"], np.stack([eta**2 * step, noisy["population_loss"]], 1))
    assert found["limit of gradient flow"][:, 1].tolist() == [0.9, 0.9]
    assert (losses.get_xlabel(), losses.get_ylabel()) == (r"$\eta^2 \cdot$ steps", "population loss")
    assert (losses.get_xscale(), losses.get_yscale()) == ("log", "log")
    expected = np.stack([eta**1.5 * step, noisy["distance_to_flow"]], 1)
    np.testing.assert_allclose(named_lines(distance)["η = 0.01"], expected)
    assert (distance.get_xscale(), distance.get_yscale()) == ("log", "log")
    assert distance.get_xlabel() == r"$\eta^{3/2} \cdot$ steps"


def samples(norm):
    """Errors, bounds and complexities that are all different; n ∝ scale^1.5 for 10 % and ∝ scale for 1 %."""
    rows = [(d, k, m) for d in (16, 32, 64) for k in (3, 5) for m in (0.5, 1.0, 4.0)]
    table = pd.DataFrame(rows, columns=["d", "k", "multiple"]).assign(experiment=f"l{norm}", seed=0, norm=norm)
    scale = table["d"] * table["k"]
    return table.assign(
        scale=scale,
        test_error=0.1 * table["k"] / table["multiple"] / table["d"],
        error_bound=3.0 / table["multiple"] + table["k"] / 100,
        rademacher_over_bound=0.5 + table["d"] / 1000 + table["multiple"] / 100,
        **{"n_at_0.1": scale**1.5, "n_at_0.01": 7.0 * scale},
    )


@pytest.mark.parametrize("norm", [1, 2])
def test_generalisation_draws_errors_bounds_samples_and_complexities(norm):
    table = samples(norm)
    error, found, complexity = drawn("generalisation", table).axes
    multiple = np.array([0.5, 1, 4])
    for d in (16, 32, 64):
        curve = named_lines(error)[f"d = {d}"]
        np.testing.assert_allclose(curve, np.stack([multiple, 0.3 / multiple / d], 1))  # the smallest k alone
    bound = named_lines(error)[f"bound E.{3 + norm}"]
    np.testing.assert_allclose(bound, np.stack([multiple, 3 / multiple + 0.03], 1))
    assert error.get_yscale() == "symlog"
    pairs = table.drop_duplicates(["d", "k"])
    for label, column in (("error 10 %", "n_at_0.1"), ("error 1 %", "n_at_0.01")):
        np.testing.assert_allclose(named_lines(found)[label], pairs[["scale", column]])
    fits = [(label, xy) for label, xy in named_lines(found).items() if label.startswith("fit")]
    assert [label for label, _ in fits] == ["fit, exponent 1.50", "fit, exponent 1.00"]
    np.testing.assert_allclose(fits[0][1], [[x, x**1.5] for x in (48, 320)])
    assert (found.get_xscale(), found.get_yscale(), found.get_ylabel()) == ("log", "log", "samples needed")
    assert found.get_xlabel() == {1: r"$k^2 \log d$", 2: r"$k d$"}[norm]
    for d in (16, 32, 64):
        # the median over both k, which are alike
        expected = np.stack([multiple, 0.5 + d / 1000 + multiple / 100], 1)
        np.testing.assert_allclose(named_lines(complexity)[f"d = {d}"], expected)
    assert complexity.get_ylabel() == f"complexity of $F_{norm}$ ÷ bound (E.3)"
    assert complexity.get_xscale() == error.get_xscale() == "log"
