"""Small tables of the shapes that figures draw, for their tests."""

import numpy as np
import pandas as pd

from grokking.claims.marks import MARK_COLUMNS
from grokking.figures.data import FigureData
from grokking.figures.kinds import kinds, load

# Kinds that draw observations. Those that judge claims draw verdicts instead: test_sentences.py.
OBSERVING = {name: kind for name, kind in kinds().items() if not kind.judges}
STEPS = np.array([0.0, 1, 10, 100, 1000])


def run(experiment="e", seed=0, steps=STEPS, **columns):
    """The observations of one run: what tells it from others, and the columns given."""
    keys = {"experiment": experiment, "task": "some_task", "dynamics": "gradient_flow", "seed": seed,
            "evidence": "operation"}  # fmt: skip
    table = pd.DataFrame({"step": steps, "time": 0.1 * steps, "evaluations": steps, **columns})
    return table.assign(**{key: value for key, value in keys.items() if key not in columns})


def together(*tables):
    """One table of several, as a figure gets it."""
    return pd.concat(tables, ignore_index=True)


def sweep(experiment="s", seeds=(0, 1), dynamics="gradient_flow", **settings):
    """The nets of a sweep over one setting, a list; they grok from the second value on, later and later."""
    (varied, values), *_ = settings.items()
    fixed = {"function": "n + m", "p": 97, "observed": 0.5, "width": 256, "learning_rate": 1.0, "weight_decay": 0.0,
             "l2": 0.0, "momentum": np.nan, "beta1": np.nan, "beta2": np.nan, "epsilon": np.nan}  # fmt: skip
    rows = []
    for seed in seeds:
        for number, value in enumerate(values):
            grokked = 100.0 * number + seed if number else np.nan
            rows.append({
                **fixed, varied: value, "experiment": experiment, "dynamics": dynamics, "seed": seed,
                "evidence": "sweep",
                "memorised": 10.0, "grokked": grokked, "has_grokked": float(number > 0), "budget": 5000,
                "cost": grokked if number else 5000.0, "train_accuracy": 1.0, "test_accuracy": float(number > 0),
                "ipr": 0.1 + 0.1 * number,
            })  # fmt: skip
    return pd.DataFrame(rows)


def marks(*rows):
    """The paper's marks: (column, x, value), of any experiment."""
    return pd.DataFrame(list(rows), columns=MARK_COLUMNS[:3])


def drawn(kind, data, paper=None):
    """The figure of a kind; its rows are of the first kind of evidence that it takes, unless they say another."""
    if "evidence" not in data:
        data = data.assign(evidence=kinds()[kind].takes[0])
    return load(kind)(FigureData(data), marks() if paper is None else paper)


def labels(axes):
    """The texts of a legend."""
    return [text.get_text() for text in axes.get_legend().get_texts()]


def line(axes, label):
    """The only line with this label."""
    (found,) = [one for one in axes.get_lines() if one.get_label() == label]
    return found


def points(axes, label):
    """The (x, y) of the line with this label."""
    return line(axes, label).get_xydata().tolist()


def diamonds(axes):
    """The (x, y) of the paper's marks."""
    return [one.get_xydata().tolist() for one in axes.get_lines() if one.get_marker() == "D"]


def distinct(*names, steps=STEPS):
    """Columns of which no two are alike, nor linear in the step."""
    return {name: 0.1 + (number + 1) * (np.arange(len(steps)) + 1) ** 2 / 100 for number, name in enumerate(names)}


def named_lines(axes):
    """The (x, y) of every line that has a label, by its label."""
    found = [one for one in axes.get_lines() if not str(one.get_label()).startswith("_")]
    assert len({one.get_label() for one in found}) == len(found)
    return {one.get_label(): one.get_xydata() for one in found}


def shows(axes, x, **curves):
    """Whether the lines with a label are these, y against x from step 1 on; a space in a label is written as _."""
    found = {label.replace(" ", "_"): xy for label, xy in named_lines(axes).items()}
    assert found.keys() == curves.keys()
    for label, y in curves.items():
        np.testing.assert_allclose(found[label], np.stack([x, y], axis=1)[1:], err_msg=label)
    return True


def horizontal(axes):
    """The heights of the lines across the whole axis."""
    return [one.get_ydata()[0] for one in axes.get_lines() if list(one.get_xdata()) == [0, 1]]


def vertical(axes):
    """The places of the lines over the whole height."""
    return [one.get_xdata()[0] for one in axes.get_lines() if list(one.get_ydata()) == [0, 1]]
