"""Variants of experiments, and what only a build of everything has."""

import pytest

from grokking.parts.errors import ConfigError
from grokking.study.load import load_study, read_settings

HEAD = """
experiments:
  base: {abstract: true, task: {name: modular_sum, p: 7, observed: 0.5}, model: {name: transformer},
         dynamics: {name: adam}, learning_rate: 1e-3, steps: 20}
  pairs: {like: base, seeds: {default: 1, published: [0, 3, 5]}}
  later: {abstract: true, like: base, task: {operands: 3}, start: {name: run, experiment: pairs}}
  triples: {like: later, seeds: {default: 1, published: [0, 3, 5]}}
  embedded: {like: later, start: {part: embedding}}
"""
VARIANTS = """
variants:
  gelu: {changes: {model: {activation: gelu}}, of: [pairs, triples]}
  alone: {changes: {model: {hidden: 8}}, of: [pairs]}
  part: {changes: {learning_rate: 1e-2}, of: [embedded, pairs]}
"""
FIGURES = """
figures:
  shown: {kind: learning_curves, experiments: [pairs], title: t, caption: c}
  asked: {kind: learning_curves, experiments: [pairs, pairs-gelu, triples-gelu], title: t, caption: c, on_demand: true}
"""
CLAIMS = """
from grokking.claims import AtLeast, Claims, experiment
claims = Claims()
for name in ("pairs", "pairs-gelu", "triples"):
    claims.ours(f"of_{name.replace('-', '_')}", "s", "s", experiment(name).final("train_accuracy"), AtLeast(0))
"""


@pytest.fixture
def mine(tmp_path):
    """Load a paper from the text of its file, a preset's changes and claims."""

    def load(text, preset="", claims="", **options):
        for folder, name, content in (
            ("papers", "mine.yaml", text),
            ("presets", "small.yaml", f"mine: {{{preset}}}"),
            ("claims", "mine.py", claims or "from grokking.claims import Claims\nclaims = Claims()\n"),
        ):
            (tmp_path / "config" / folder).mkdir(parents=True, exist_ok=True)
            (tmp_path / "config" / folder / name).write_text(content, encoding="utf-8")
        study = load_study(tmp_path, ["mine"], "small" if preset else "paper", None, **options)
        return study, study.papers["mine"]

    return load


def test_a_variant_has_the_settings_of_its_experiments_but_for_its_changes(mine):
    _, paper = mine(HEAD + VARIANTS)
    plain, varied = paper.experiments["pairs"].runs[0], paper.experiments["pairs-gelu"].runs[0]
    assert (plain.model.activation, varied.model.activation) == ("relu", "gelu")
    assert {key for key, value in varied.to_mapping().items() if value != plain.to_mapping()[key]} == {"model"}
    assert varied.id != plain.id
    assert paper.experiments["pairs"].runs == mine(HEAD)[1].experiments["pairs"].runs


def test_a_variant_starts_from_its_own_parent_if_it_has_one(mine):
    experiments = mine(HEAD + VARIANTS)[1].experiments
    assert experiments["triples-gelu"].runs[0].parent == experiments["pairs-gelu"].runs[0].id
    assert experiments["embedded-part"].runs[0].parent == experiments["pairs-part"].runs[0].id
    assert experiments["embedded-part"].runs[0].start.part == "embedding"
    alone = HEAD + "variants: {slow: {changes: {learning_rate: 1e-4}, of: [triples]}}"
    experiments = mine(alone)[1].experiments
    assert experiments["triples-slow"].runs[0].parent == experiments["pairs"].runs[0].id


def test_a_variant_of_a_variant_has_the_changes_of_both(mine):
    more = VARIANTS + "  fast: {changes: {learning_rate: 1e-2}, of: [pairs-gelu, triples-gelu]}\n"
    experiments = mine(HEAD + more)[1].experiments
    run = experiments["triples-gelu-fast"].runs[0]
    assert (run.model.activation, run.learning_rate) == ("gelu", 1e-2)
    assert run.parent == experiments["pairs-gelu-fast"].runs[0].id


def test_a_preset_changes_variants_with_what_they_vary(mine):
    _, paper = mine(HEAD + VARIANTS, preset="base: {steps: 4, task: {p: 5}}")
    run = paper.experiments["triples-gelu"].runs[0]
    assert (run.steps, run.task.p, run.model.activation) == (4, 5, "gelu")


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ("gelu: {changes: {}, of: [pair]}", "variants.gelu.of: 'pair': no such experiment"),
        ("gelu: {changes: {}, of: []}", "variants.gelu.of"),
        ("gelu: {of: [pairs]}", "variants.gelu.changes"),
        ("gelu: {changes: {model: {activaton: gelu}}, of: [pairs]}", "experiments.pairs-gelu.model.activaton"),
        ("'a b': {changes: {steps: 3}, of: [pairs]}", "pairs-a b"),
        (
            "gelu: {changes: {model: {activation: gelu}}, of: [triples]}",
            "triples-gelu.start.experiment: 'pairs': trains",
        ),
        ("x: {changes: {}, of: [pairs-y]}\n  'y': {changes: {}, of: [pairs]}", "variants.x.of: 'pairs-y'"),
    ],
)
def test_a_wrong_variant_is_refused_in_one_line(mine, variants, message):
    with pytest.raises(ConfigError) as error:
        mine(f"{HEAD}variants:\n  {variants}\n")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_name_that_is_taken_is_refused(mine):
    taken = HEAD + "  pairs-gelu: {like: pairs}\n" + VARIANTS
    with pytest.raises(ConfigError, match=r"variants\.gelu: 'pairs-gelu': is already an experiment"):
        mine(taken)


# Everything


def test_everything_has_all_published_seeds_and_the_figures_on_demand(mine):
    text = HEAD + VARIANTS + FIGURES
    study, paper = mine(text)
    assert paper.experiments["pairs"].seeds == paper.experiments["pairs-gelu"].seeds == (0,)
    assert [*study.default_figures] == ["mine_shown"]
    study, paper = mine(text, everything=True)
    assert paper.experiments["pairs"].seeds == paper.experiments["triples-gelu"].seeds == (0, 3, 5)
    assert [*study.default_figures] == ["mine_shown", "mine_asked"]


def test_claims_about_what_only_figures_on_demand_show_are_left_to_everything(mine):
    text = HEAD + VARIANTS + FIGURES
    for everything, judged in ((False, ["mine.of_pairs", "mine.of_triples"]), (True, None)):
        study, paper = mine(text, claims=CLAIMS, everything=everything)
        assert [claim.id for claim in paper.judged] == (judged or [claim.id for claim in paper.claims])
        needed = {run.id for run in paper.experiments["pairs-gelu"].runs}
        assert (needed <= study.default_runs.keys()) == everything


@pytest.mark.parametrize(
    "seeds",
    [
        "{default: 1}",
        "{default: 1, published: 0}",
        "{default: 1, published: 3, more: 4}",
        "{default: [], published: 3}",
    ],
)
def test_wrong_numbers_of_seeds_are_refused(mine, seeds):
    with pytest.raises(ConfigError, match=r"experiments.pairs.seeds"):
        mine(HEAD.replace("{default: 1, published: [0, 3, 5]}", seeds, 1))


def test_everything_is_a_setting_of_the_user():
    from grokking.store.provenance import ROOT

    assert not read_settings(ROOT, {}).everything
    assert read_settings(ROOT, {"everything": "true"}).everything


# Claims that a figure judges

JUDGING = """
figures:
  judged: {kind: sentences, claims: settings, experiments: [pairs, pairs-gelu], title: t, caption: c, on_demand: true}
"""
COLLECTED = (
    CLAIMS
    + """
settings = {"plain": Claims(), "gelu": Claims()}
for label, name in (("plain", "pairs"), ("gelu", "NAME")):
    settings[label].paper("rises", "s", "s", experiment(name).maximum("COLUMN"), AtLeast(0.5))
"""
)


def test_the_claims_that_a_figure_judges_are_about_its_experiments(mine):
    good = COLLECTED.replace("NAME", "pairs-gelu").replace("COLUMN", "train_accuracy")
    _, paper = mine(HEAD + VARIANTS + JUDGING, claims=good)
    assert {label: [claim.id for claim in claims] for label, claims in paper.judged_in["judged"].items()} == {
        "plain": ["mine.rises"],
        "gelu": ["mine.rises"],
    }
    for name, column, message in (
        ("triples", "train_accuracy", "'triples': is not among the experiments of the figure judged"),
        ("pairs-gelu", "train_acuracy", "'train_acuracy': no such column of pairs"),
    ):
        with pytest.raises(ConfigError) as error:
            mine(HEAD + VARIANTS + JUDGING, claims=COLLECTED.replace("NAME", name).replace("COLUMN", column))
        assert message in str(error.value)
        assert "config/claims/mine.py, line " in str(error.value)


@pytest.mark.parametrize(
    ("kind", "message"),
    [("kind: sentences,", "must be a dict of claims"), ("kind: learning_curves, claims: settings,", "judges none")],
)
def test_only_figures_that_judge_name_claims(mine, kind, message):
    with pytest.raises(ConfigError, match=message):
        mine(HEAD + VARIANTS + JUDGING.replace("kind: sentences, claims: settings,", kind))
