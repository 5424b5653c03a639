"""The mutants keep step with the code: each fits one place and names a test that is there."""

import ast
from collections import Counter

import pytest

from tests.mutation import ROOT, mutants
from tests.mutation.__main__ import main

MUTANTS = mutants()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.wrong)
def test_a_mutant_fits(mutant):
    text = mutant.text
    assert mutant.old != mutant.new
    if mutant.file.endswith(".py"):
        compile(text, mutant.file, "exec")
    file, _, function = mutant.test.partition("::")
    tests = ast.parse((ROOT / "tests/unit" / file).read_text(encoding="utf-8")).body
    assert function in {one.name for one in tests if isinstance(one, ast.FunctionDef)}


def test_each_kind_of_error_and_each_edit_is_there_once():
    for key in ("kind", "wrong"):
        counts = Counter(getattr(mutant, key) for mutant in MUTANTS)
        assert max(counts.values()) == 1, counts.most_common(1)
    edits = Counter((mutant.file, mutant.old) for mutant in MUTANTS)
    assert max(edits.values()) == 1, edits.most_common(1)


def test_words_that_no_mutant_mentions_run_no_test(capsys):
    assert main(["nowhere", "at all"]) == 2
    assert capsys.readouterr().err == "no mutant mentions nowhere and at all\n"
