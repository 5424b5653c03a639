"""Which sentences hold under which settings: verdicts of several collections of claims, scored and drawn."""

import numpy as np
import pandas as pd
import pytest

from grokking.claims import AtLeast, AtMost, Claims, experiment
from grokking.claims.collections import verdict_rows
from grokking.claims.load import of_paper, read_collections
from grokking.figures.data import FigureData
from grokking.figures.verdicts import in_words, scores, sentences, told
from grokking.measures.evidence import Evidence
from grokking.parts.errors import ConfigError
from grokking.report.sentences import table
from grokking.store.source import UNTOLD


def collection(name):
    claims = Claims()
    for fraction, bound in ((0.3, 0.4), (0.5, 0.6)):
        reading = experiment(f"{name}_{fraction}").maximum("accuracy")
        claims.paper(f"fig.rises_at_{fraction}", "§ 1", "It rises.", reading, AtLeast(bound))
    difference = experiment(f"{name}_0.5").maximum("accuracy") - experiment(f"{name}_0.3").maximum("accuracy")
    claims.paper("fig.more", "§ 2", "More is better.", difference, AtLeast(0.1))
    claims.paper("fig.lost", "§ 3", "Never built.", experiment("elsewhere").maximum("accuracy"), AtMost(1))
    return of_paper(claims, "mine")


def run(value, cut_short=False):
    return [Evidence(pd.DataFrame({"step": [0, 10], "accuracy": [0.0, value]}), {}, 0, cut_short)]


EVIDENCE = {
    **{"good_0.3": run(0.5), "good_0.5": run(0.7)},
    **{"bad_0.3": run(0.5), "bad_0.5": run(0.55)},
    **{"short_0.3": run(0.5), "short_0.5": run(0.55, cut_short=True)},
}


@pytest.fixture(scope="module")
def rows():
    found = {name: collection(name) for name in ("good", "bad", "short")}
    return pd.DataFrame(verdict_rows(found, EVIDENCE))


def test_a_sentence_about_several_fractions_holds_if_it_does_for_each(rows):
    found = scores(rows)
    assert list(found.index) == ["fig.rises", "fig.more"]  # nothing is said of what was not built
    assert found["good"].tolist() == [1, 1]
    assert found["bad"].tolist() == [0, 0]  # 0.5 passes 0.4, 0.55 does not pass 0.6
    assert found["short"].tolist() == [UNTOLD, UNTOLD]
    assert [told(found[name]) for name in found] == ["2 of 2", "0 of 2", "1 of 2"]


def test_one_draw_is_enough_to_score_a_comparison(rows):
    more = rows.set_index(["experiment", "claim"])["holds"].xs("mine.fig.more", level="claim")
    assert more.to_dict() == {"good": 1, "bad": 0, "short": UNTOLD}


def test_the_table_says_where_each_sentence_holds(rows):
    text = table(rows)
    assert "| good | 2 of 2 |" in text
    assert "| fig.rises | good; it cannot be told for short |" in text
    bad = table(rows[rows["experiment"] == "bad"])
    assert "| fig.more | none: a contradiction |" in bad
    assert "| fig.more | all |" in table(rows[rows["experiment"] == "good"])


def test_the_figure_shows_a_mark_for_each_sentence_and_configuration(rows):
    figure = sentences(FigureData(rows), pd.DataFrame())
    (axes,) = figure.axes
    marks = np.array([text.get_text() for text in axes.texts]).reshape(3, 2)
    assert marks.tolist() == [["✓", "✓"], ["×", "×"], ["?", "?"]]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["good", "bad", "short"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["fig.rises", "fig.more"]
    (counts,) = axes.child_axes
    assert [label.get_text() for label in counts.get_yticklabels()] == ["2 of 2", "0 of 2", "1 of 2"]
    (legend,) = figure.legends
    signs = [text.get_text() for text in legend.get_texts()]
    assert signs == ["✓ holds", "? cannot be decided", "× does not hold", "not asked"]


def test_a_sentence_is_said_in_words():
    assert in_words("fig1.starts_early") == "Figure 1: starts early"
    assert in_words("fig2.lstm_trains_sooner") == "Figure 2: LSTM trains sooner"
    assert in_words("samples.larger_p") == "samples.larger p"


@pytest.mark.parametrize("text", ["", "settings = 3", "settings = {}", "settings = {'a': []}"])
def test_a_file_without_the_collections_is_refused(tmp_path, text):
    file = tmp_path / "mine.py"
    file.write_text(f"from grokking.claims import Claims\nclaims = Claims()\n{text}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="must define settings = "):
        read_collections(file, "config/claims/mine.py", "settings")
