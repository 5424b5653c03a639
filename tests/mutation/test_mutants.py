"""The mutants keep step with the code: each applies, to one place, and names tests that exist."""

from pathlib import Path

import pytest

from tests.mutation.__main__ import mutant_text
from tests.mutation.mutants import MUTANTS

UNIT = Path(__file__).parents[1] / "unit"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.file}: {mutant.wrong}")
def test_a_mutant_applies(mutant):
    text = mutant_text(mutant)
    assert text is not None, f"{mutant.old!r} must stand once in {mutant.file}"
    compile(text, mutant.file, "exec")
    assert mutant.old != mutant.new
    assert mutant.tests
    assert all((UNIT / name).is_file() for name in mutant.tests)


def test_no_mutant_is_listed_twice():
    edits = [(mutant.file, mutant.old, mutant.new) for mutant in MUTANTS]
    assert len(set(edits)) == len(edits)
