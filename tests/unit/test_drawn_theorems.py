"""Every number on the figures of the theorems and lemmas of Lyu et al. 2024."""

import numpy as np
import pandas as pd

from tests.unit.figure_tables import drawn, horizontal, labels, named_lines, together, vertical

TIME = np.linspace(0.01, 2, 200)  # 0.01, 0.02, …


def nets(experiment, p, leaves, alphas=(10, 100)):
    """Nets whose cosine to L2 and relative L1 margin change as logistic curves of time, at rates α, about `leaves`."""
    tables = []
    for alpha in alphas:
        late = 1 / (1 + np.exp(-(TIME - leaves) * alpha))
        tables.append(pd.DataFrame({
            "evidence": "classification_transition",
            "experiment": experiment, "seed": 0, "alpha": float(alpha), "weight_decay": float(alpha) ** -p,
            "relative_time": TIME, "cosine_to_l2_max_margin": 1 - late / 2, "relative_l1_margin": 0.4 + late / 2,
            "margin_over_z": 10 * TIME + alpha, "margin_over_printed_z": 20 * TIME + alpha,
            "in_kernel_ball": (TIME < 1).astype(float), "c4_rate_slack": TIME, "c7_rate_slack": 2 * TIME,
            "c4_loss_slack": 1 + 3 * TIME, "delta_in_c5": 4 * TIME,
        }))  # fmt: skip
    return pd.concat(tables)


def test_directions_are_shown_for_each_scale_of_the_first_experiment():
    data = together(nets("p1", 1.0, 1.5), nets("half", 0.5, 1.3))
    early, late, _, _ = drawn("sharp_classification", data).axes
    shown = data[data["experiment"] == "p1"]
    for axes, column in ((early, "cosine_to_l2_max_margin"), (late, "relative_l1_margin")):
        found = named_lines(axes)
        assert list(found) == ["α = 10", "α = 100", "critical time"]
        for label, alpha in zip(found, (10, 100), strict=False):
            expected = shown.loc[shown["alpha"] == alpha, ["relative_time", column]]
            np.testing.assert_allclose(found[label], expected)
        assert vertical(axes) == [1]
        assert axes.get_xlabel() == r"$\lambda t\,/\log\alpha$"
    assert early.get_ylabel() == "cosine to the $L^2$ max margin"
    assert late.get_ylabel() == "$L^1$ margin ÷ largest possible"


def test_widths_and_departures_of_each_experiment_against_alpha():
    """A logistic curve goes from a quarter to three quarters in 2 log 3 / α; the cosine is 0.95 where it is 0.1."""
    data = together(nets("p1", 1.0, 1.5), nets("half", 0.5, 1.3))
    width = drawn("sharp_classification", data).axes[2]
    solid = [one for one in width.get_lines() if str(one.get_label()).startswith("leaves")]
    dashed = [one for one in width.get_lines() if str(one.get_label()).startswith("duration")]
    assert [one.get_label() for one in solid] == [f"leaves $L^2$ max margin, λ = $α^{{-{p}}}$" for p in (1, 0.5)]
    assert [one.get_color() for one in solid] == [one.get_color() for one in dashed]
    for middle, one, other in zip((1.5, 1.3), solid, dashed, strict=True):
        leaving = [middle + np.log(0.1 / 0.9) / alpha for alpha in (10, 100)]
        np.testing.assert_allclose(one.get_xydata(), np.stack([(10, 100), leaving], 1), rtol=1e-2)
        np.testing.assert_allclose(
            other.get_xydata(), [[alpha, 2 * np.log(3) / alpha] for alpha in (10, 100)], rtol=0.03
        )
    assert horizontal(width) == [1]
    assert (width.get_xscale(), width.get_yscale()) == ("log", "linear")


def test_margins_over_z_are_read_before_the_critical_time():
    """c is the share of the critical time that is left, so that the margin is read at 1 - c."""
    margin = drawn("sharp_classification", nets("p1", 1.0, 1.5)).axes[3]
    found = named_lines(margin)
    for c in (0.25, 0.5, 0.75):
        corrected, printed = found[f"c = {c:g}, Z corrected"], found[f"c = {c:g}, Z printed"]
        np.testing.assert_allclose(corrected, [[alpha, 10 * (1 - c) + alpha] for alpha in (10, 100)])
        np.testing.assert_allclose(printed, [[alpha, 20 * (1 - c) + alpha] for alpha in (10, 100)])
    assert horizontal(margin) == [1]
    assert (margin.get_xscale(), margin.get_xlabel()) == ("log", "α")


def paths(experiment):
    return pd.DataFrame({
        "evidence": "regression_transition", "experiment": experiment, "seed": 0, "alpha": 10.0, "relative_time": TIME,
        "distance_to_zero_filled": TIME, "distance_to_least_nuclear_norm": 3 / TIME, "parameter_norm": 5 - TIME,
        "d1_loss_slack": 1 + TIME, "delta_in_d2": 4 * TIME, "in_kernel_ball": (TIME < 0.5).astype(float),
    })  # fmt: skip


def test_distances_to_both_completions_each_on_a_panel_of_its_own():
    zero, least = drawn("sharp_regression", paths("p")).axes
    np.testing.assert_allclose(named_lines(zero)["α = 10"], np.stack([TIME, TIME], 1))
    np.testing.assert_allclose(named_lines(least)["α = 10"], np.stack([TIME, 3 / TIME], 1))
    assert [axes.get_ylabel() for axes in (zero, least)] == [
        "distance to zero filling", "distance to least nuclear norm"
    ]  # fmt: skip
    for axes in (zero, least):
        assert (axes.get_yscale(), axes.get_xlabel()) == ("log", r"$\lambda t\,/\log\alpha$")
        assert vertical(axes) == [1]


def test_error_against_the_decay_beside_its_fit_and_the_root_of_the_bound():
    decay = np.array([1e-2, 1e-4, 1e-6])
    columns = {"weight_decay": decay, "relative_error": 3 * decay**0.9}
    data = pd.DataFrame({"evidence": "decay_error", "experiment": "d", "seed": 0, **columns})
    (axes, _) = drawn("sharp_regression", data).axes
    found = named_lines(axes)
    np.testing.assert_allclose(found["limit of the flow"], np.stack([decay, 3 * decay**0.9], 1))
    np.testing.assert_allclose(found["fit, exponent 0.90"], [[x, 3 * x**0.9] for x in (1e-6, 1e-2)])
    highest = 3 * 1e-2**0.9  # the bound is drawn through the error at the largest λ, and falls tenfold a hundred below
    np.testing.assert_allclose(found["slope of the bound, √λ"], [[1e-6, highest / 100], [1e-2, highest]])
    assert (axes.get_xscale(), axes.get_yscale(), axes.get_xlabel()) == ("log", "log", "λ")


def test_shares_of_recovered_draws_have_the_rank_upwards_and_the_entries_to_the_right():
    rows = [(rank, entries, seed) for rank in (1, 2) for entries in (10, 20, 30) for seed in (0, 1, 2, 3)]
    data = pd.DataFrame(rows, columns=["rank", "entries", "seed"]).assign(experiment="r", evidence="recovery")
    data["recovered"] = (data["seed"] < data["entries"] / 10 - data["rank"] + 1).astype(float)
    axes = drawn("sharp_regression", data).axes[0]
    np.testing.assert_allclose(axes.collections[0].get_array(), [[0.25, 0.5, 0.75], [0, 0.25, 0.5]])
    assert [text.get_text() for text in axes.get_xticklabels()] == ["10", "20", "30"]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["1", "2"]
    low, high = axes.get_ylim()
    assert low < high
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("observed entries", "rank")
    assert axes.collections[0].get_clim() == (0, 1)


def test_lemmas_show_the_extreme_over_the_times_they_are_stated_for():
    """In the ball times go from 0.01 to 0.99 and 0.49, and a path is past the critical time from 1 to 2."""
    gaps, ratios, sizes = drawn("lemmas", together(nets("c", 1.0, 1.5), paths("r"))).axes
    expected = {
        gaps: {r"C.4: $d\mathcal{L}/dt \leq$ bound": 0.01, r"C.7: $d\mathcal{L}/dt \geq$ bound": 0.02},
        ratios: {r"C.4: bound ÷ $\mathcal{L}$": 1.03, r"D.1: bound ÷ $\mathcal{L}$": 1.01},
        sizes: {
            r"C.5: $\|\delta\|\,\alpha^L e^{-L\lambda t} ÷ \log A$": 4 * 0.99,
            r"D.2: $\|\delta\|\,\alpha^L e^{-L\lambda t}$": 4 * 0.49,
            r"D.8: $\|\theta\|$ after the critical time": 4.0,
        },
    }  # fmt: skip
    for axes, lemmas in expected.items():
        assert labels(axes)[: len(lemmas)] == list(lemmas)
        for label, value in lemmas.items():
            scales = (10,) if label.startswith("D") else (10, 100)
            np.testing.assert_allclose(named_lines(axes)[label], [[alpha, value] for alpha in scales], rtol=1e-6)
        assert (axes.get_xlabel(), axes.get_xscale()) == ("α", "log")
    assert [horizontal(axes) for axes in (gaps, ratios, sizes)] == [[0], [1], []]  # the bounds
    assert [axes.get_yscale() for axes in (gaps, ratios, sizes)] == ["linear", "log", "log"]
