"""Bad parameters are refused in one line that names place, value and what is allowed."""

from dataclasses import dataclass

import pytest

from grokking.specs.fields import ConfigError, Count, Fraction, NonNegative, Positive, build


@dataclass(frozen=True)
class Example:
    n: Count
    rate: Positive
    share: Fraction = 0.5
    decay: NonNegative = 0.0
    name: str = "x"
    sizes: tuple[Count, ...] = (1,)

    def __post_init__(self):
        if self.n == 13:
            raise ValueError("n must not be 13")


def test_values_are_converted():
    assert build(Example, {"n": 2e6, "rate": 1}, "here") == Example(2_000_000, 1.0)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"n": 1}, "f.yaml: a.rate: None: missing; needed: must be a number above 0"),
        ({"n": 1, "rate": 1, "sizes": [2, 0.5]}, "f.yaml: a.sizes[1]: 0.5: must be an integer of at least 1"),
        ({"n": 1, "rate": 1, "sizes": 3}, "f.yaml: a.sizes: 3: must be a list, each of which must be an integer"),
        ({"n": 1, "rate": 1, "sizes": []}, "f.yaml: a.sizes: []: must be a list"),
        ({"n": 0, "rate": 1}, "f.yaml: a.n: 0: must be an integer of at least 1"),
        ({"n": 1.5, "rate": 1}, "f.yaml: a.n: 1.5: must be an integer of at least 1"),
        ({"n": True, "rate": 1}, "f.yaml: a.n: True: must be an integer of at least 1"),
        ({"n": 1, "rate": "fast"}, "f.yaml: a.rate: 'fast': must be a number above 0"),
        ({"n": 1, "rate": -1}, "f.yaml: a.rate: -1.0: must be a number above 0"),
        ({"n": 1, "rate": float("inf")}, "f.yaml: a.rate: inf: must be a number above 0"),
        ({"n": 1, "rate": float("nan")}, "f.yaml: a.rate: nan: must be a number above 0"),
        ({"n": 1, "rate": 1, "share": 1.1}, "f.yaml: a.share: 1.1: must be a number above 0 and at most 1"),
        ({"n": 1, "rate": 1, "name": 3}, "f.yaml: a.name: 3: must be of type str"),
        ({"n": 1, "rate": 1, "m": 1}, "f.yaml: a.m: 1: unknown key; allowed: n, rate, share, decay, name"),
        ({"n": 13, "rate": 1}, "n must not be 13"),
    ],
)
def test_bad_values_are_refused_in_one_line(values, message):
    with pytest.raises(ConfigError) as error:
        build(Example, values, "f.yaml: a")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_lists_become_tuples():
    assert build(Example, {"n": 1, "rate": 1, "sizes": [1e2, 3]}, "here").sizes == (100, 3)
