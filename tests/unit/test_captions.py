"""Numbers in titles, captions, labels and deviations are settings of what a figure draws."""

import re
from functools import cache

import pytest

from grokking.store.provenance import ROOT
from grokking.study.load import load_study, stems
from grokking.theory.multiclass_max_margin import GAP

STUDY = load_study(ROOT, stems(ROOT, "papers"), "paper", None)
FIGURES = {f"{paper.name}/{name}": figure for paper in STUDY.papers.values() for name, figure in paper.figures.items()}
COUNTS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
WORDS = {"half": "0.5"} | {word: str(number) for number, word in enumerate(COUNTS, 1)}
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
POWER = r"10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+"
NUMBER = rf"(?<![\w.^])(?:{POWER}|\d{{1,3}}(?: \d{{3}})+(?!\d)|\d+(?:\.\d+)?(?:·{POWER})?)(?![\w.^/]*\w)"
WORD = rf"(?i:{'|'.join(WORDS)})"
# How a setting is written, and its keys in a config. What is written like this must be so.
WRITTEN = {
    **{
        rf"(?<![\w)] )(?<!\w){symbol} = (?P<x>{NUMBER})": keys
        for symbol, keys in {
            "n": ("n",), "d": ("d",), "k": ("k", "kappa", "sparsities"), "γ": ("gamma",), "α": ("observed",),
            "p": ("p",), "N": ("width", "widths"), "η": ("learning_rate",), "λ": ("weight_decay", "factor"),
            "w": ("window",), "ε": ("epsilon",), "β₁": ("beta1",), "β₂": ("beta2",), "K": ("operands",),
            "q": ("output",),
        }.items()
    },
    rf"\bmod(?:ulo)? (?P<x>{NUMBER})": ("p",),
    rf"(?P<x>{NUMBER}) × {NUMBER} table": ("p", "d"),
    rf"(?P<x>{NUMBER}) %\)? of the (?:table|pairs|\d)": ("observed",),
    rf"\bwidth (?:of )?(?P<x>{NUMBER})": ("width", "hidden"),
    rf"hidden layers of (?P<x>{NUMBER})": ("width",),
    rf"(?:He|weights) × (?P<x>{NUMBER})": ("init_scale",),
    rf"[Bb]atches of (?P<x>{NUMBER})": ("batch",),
    rf"\bdepth (?P<x>{NUMBER})": ("depth",),
    rf"\bdropout (?P<x>{NUMBER})": ("dropout",),
    rf"\bdecay (?P<x>{NUMBER})(?! /)": ("weight_decay", "l2"),
    r"\bmomentum (?P<x>0\.\d+)": ("momentum",),
    rf"learning rate (?P<x>{NUMBER})": ("learning_rate",),
    rf"tolerances? (?P<x>{NUMBER})": ("tolerance",),
    rf"within (?P<x>{NUMBER}) (?:steps|epochs)": ("steps", "epochs"),
    rf"(?P<x>{NUMBER}) dimensions": ("d",),
    rf"[Ss]ums of (?P<x>{NUMBER})": ("operands",),
    rf"windows of (?P<x>{NUMBER}) steps": ("length",),
    rf"(?P<x>{NUMBER}) coordinates": ("coordinates",),
    rf"on (?P<x>{NUMBER}) inputs": ("samples",),
    rf"teacher of (?P<x>{NUMBER})": ("kappa",),
    rf"\b(?P<x>{WORD}) seeds?\b": ("seeds",),
    rf"seeds of the MLP, (?P<x>{WORD}) of": ("seeds",),
    rf"\b(?P<x>{WORD}) steps of warm-up": ("warm_up",),
    rf"\b(?P<x>{WORD}) hidden layers": ("layers",),
    r"\b(?P<x>[Hh]alf) of (?:the pairs|each sample|them the training)": ("observed",),
}  # fmt: skip
# Names of figures, theorems, formulas and targets; exponents; limits; levels of an accuracy.
NO_SETTING = r"""(?x)
    (?:Figures?|Theorems?|Corollar(?:y|ies)|Lemmas?|Appendix|Algorithm|al\.|reference)\ \[?[\d.a-z\]]+
    (?:(?:,|\ and|\ to|\ or)\ \d[\d.a-z]*)* | [A-Z]\.\d+ | [(][RK]?\d+[)] | \b L[12] \b | \d+\^\S+ | \^\S+ | \w+_\w+
    | N[(].*?[)] | \b(?:to|at|near|from|around|above|means?)\ [01]\b | \b(?:1|10|20|50|90|95|99|99\.9|100)\ %
    | \[0,\ 1\] | \b[01]\ [-+]\ | \bminus\ 1\b | \b1\ minus | \b(?:slope|of)\ 1\b | \w+²?\ =\ (?:0|6)\b(?!\.)
    | (?:learning\ rate|ε|0\.01)\ [×/]\ \d
"""
OTHERS = {  # numbers that are no settings of what is drawn, by figure
    "gromov2023/figure_1": {128},  # the report's comparison of flow and descent
    "gromov2023/figure_2": {30},  # a neuron that the paper shows
    "lyu2024/figure_2a": {1e6},  # steps read off the curves
    "lyu2024/figure_2b": {100 * GAP},  # of a solver
    "lyu2024/sharp_classification": {0, 0.95},
    "lyu2024/deep_diagonal_net": {2, 4},  # a formula
    "pku2024/figure_1": {100, 1e3},  # epochs that the report names
    "pku2024/sensitivity": {100},
    "pku2024/figure_5": {0.01},  # Grokfast's publication
    "pku2024/frequencies": {48},  # (p - 1)/2
    "pku2024/slow_part": {1_200},  # steps read off the runs
}


def value(text):
    """The value of a number as captions write it: 10⁻⁴, 2.5·10⁴, 100 000, three."""
    text = WORDS.get(text.lower(), text).replace(" ", "")
    if not re.search(POWER, text):
        return float(text)
    mantissa, _, power = text.rpartition("10")
    return float(mantissa.rstrip("·") or 1) * 10.0 ** int(power.translate(SUPERSCRIPTS))


def leaves(settings, key=""):
    """Each number of some settings, with its key."""
    if isinstance(settings, dict):
        return [leaf for name, inner in settings.items() for leaf in leaves(inner, name)]
    if isinstance(settings, list | tuple):
        return [leaf for inner in settings for leaf in leaves(inner, key)]
    return [(key, float(settings))] if isinstance(settings, int | float) and not isinstance(settings, bool) else []


@cache
def settings_of(paper, name):
    """The numbers that an experiment or an analysis with the runs it reads is made of, as (key, number)."""
    home, local = STUDY.home(paper, name)
    specs = home.analyses.get(local, ())
    read = [local] if local in home.experiments else specs[0].analysis.experiments
    runs = [run for one in read for run in home.experiments[one].runs]
    found = {("seeds", float(len(specs or home.experiments[local].seeds)))}
    for spec in (*specs, *runs):
        found.update((key, number) for key, number in leaves(spec.to_mapping()) if key != "seed")
    for run in runs:
        passes = run.task.train_samples // max(1, run.dynamics.batch_size(run.task.train_samples))
        found |= {("epochs", run.steps / max(1, passes))}
    return frozenset(found)


def is_one(number, settings, keys=None):
    """Whether a number is one of some settings, or of those with some keys: itself, in per cent, or epochs rounded."""
    return any(
        abs(number - factor * setting) <= (0.015 if key == "epochs" else 1e-6) * abs(factor * setting)
        for key, setting in settings
        if keys is None or key in keys
        for factor in ((1, 100) if key in ("observed", "threshold") else (1,))
    )


def wrong(text, settings, others=()):
    """What a text says of settings that are different, and its numbers that are none."""
    text, found = " ".join(text.split()), []
    for pattern, keys in WRITTEN.items():
        for match in re.finditer(pattern, text):
            number = value(match["x"])
            if number not in others and not is_one(number, settings, keys):
                found.append(match[0])
    rest = [value(number) for number in re.findall(NUMBER, re.sub(NO_SETTING, " ", text))]
    return [*found, *(number for number in rest if number not in others and not is_one(number, settings))]


def drawn_settings(figure, names):
    return frozenset().union(*(settings_of(figure.paper, name) for name in names))


@pytest.mark.parametrize("name", FIGURES)
def test_numbers_in_the_texts_of_a_figure_are_settings_of_what_it_draws(name):
    figure = FIGURES[name]
    settings, others = drawn_settings(figure, figure.experiments), OTHERS.get(name, ())
    assert [wrong(text, settings, others) for text in (figure.title, figure.caption)] == [[], []]


@pytest.mark.parametrize("name", [name for name, figure in FIGURES.items() if figure.deviations])
def test_numbers_in_a_deviation_are_settings_of_the_figures_that_have_it(name):
    for text in FIGURES[name].deviations:
        sharing = [figure for figure in FIGURES.values() if text in figure.deviations]
        settings = [drawn_settings(figure, figure.experiments) for figure in sharing]
        assert wrong(text, frozenset().union(*settings), OTHERS.get(name, ())) == []


@pytest.mark.parametrize("name", [name for name, figure in FIGURES.items() if figure.labels])
def test_a_label_names_settings_of_its_own_experiment(name):
    """Experiments that are parts of one curve share a label. A factor is that to the first experiment."""
    figure = FIGURES[name]
    base = dict(settings_of(figure.paper, figure.experiments[0]))
    for experiment, text in figure.labels.items():
        same = [other for other, label in figure.labels.items() if label == text]
        assert wrong(text, drawn_settings(figure, same)) == []
        for setting, sign, factor in re.findall(r"(learning rate|ε|0\.01) ([×/]) (\d+)", text):
            key = {"learning rate": "learning_rate", "ε": "epsilon", "0.01": "l2"}[setting]
            expected = (0.01 if key == "l2" else base[key]) * float(factor) ** (1 if sign == "×" else -1)
            assert dict(settings_of(figure.paper, experiment))[key] == pytest.approx(expected, rel=1e-3)
