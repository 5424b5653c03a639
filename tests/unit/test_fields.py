"""Bad parameters are refused in one line that names place, value and what is allowed."""

from dataclasses import dataclass, field
from inspect import signature
from typing import Annotated, Any, ClassVar, Literal

import pytest

from grokking.parts.errors import ConfigError
from grokking.parts.fields import Count, Fraction, MayBeEmpty, NonNegative, Positive, build
from grokking.parts.part import Part
from grokking.parts.registry import KNOWN


@dataclass(frozen=True)
class Inner:
    depth: Count = 1


class Color(Part):
    """A kind of part."""


@dataclass(frozen=True)
class Red(Color):
    shade: Positive = 1.0
    name: ClassVar = "red"


@dataclass(frozen=True)
class Blue(Color):
    name: ClassVar = "blue"


KNOWN[Color] = {"red": Red, "blue": Blue}


@dataclass(frozen=True)
class Example:
    n: Count
    rate: Positive
    share: Fraction = 0.5
    decay: NonNegative = 0.0
    label: str = "x"
    sizes: tuple[Count, ...] = (1,)
    notes: Annotated[tuple[str, ...], MayBeEmpty] = ()
    norm: Literal[1, 2] = 1
    flag: bool = False
    limit: Count | None = None
    inner: Inner = Inner()
    color: Color = Blue()
    named: dict[str, Count] = field(default_factory=dict)
    raw: Any = None

    def __post_init__(self):
        if self.n == 13:
            raise ValueError("n must not be 13")


KEYS = "n, rate, share, decay, label, sizes, notes, norm, flag, limit, inner, color, named, raw"


def test_values_are_converted():
    assert build(Example, {"n": 2e6, "rate": 1}, "here") == Example(2_000_000, 1.0)
    assert build(Example, {"n": 1, "rate": 1, "sizes": [1e2, 3]}, "here").sizes == (100, 3)
    assert build(Example, {"n": 1, "rate": 1, "notes": []}, "here").notes == ()


def test_parts_and_mappings_are_built():
    values = {"n": 1, "rate": 1, "inner": {"depth": 2}, "color": {"name": "red", "shade": 2}, "named": {"a": 3.0}}
    found = build(Example, values, "here")
    assert (found.inner, found.color, found.named) == (Inner(2), Red(2.0), {"a": 3})
    assert build(Example, {"n": 1, "rate": 1, "color": "red"}, "here").color == Red()


def test_help_shows_what_a_value_must_be():
    assert "n: Annotated[int, must be an integer of at least 1" in str(signature(Example)).replace("typing.", "")


def test_what_is_optional_may_be_null():
    assert build(Example, {"n": 1, "rate": 1, "limit": None}, "here").limit is None
    assert build(Example, {"n": 1, "rate": 1, "limit": 4}, "here").limit == 4


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sizes": [2, 0.5]}, "f.yaml: a.sizes[1]: 0.5: must be an integer of at least 1"),
        ({"sizes": 3}, "f.yaml: a.sizes: 3: must be a list; each entry must be an integer"),
        ({"sizes": []}, "f.yaml: a.sizes: []: must be a list"),
        ({"n": 0}, "f.yaml: a.n: 0: must be an integer of at least 1"),
        ({"n": 1.5}, "f.yaml: a.n: 1.5: must be an integer of at least 1"),
        ({"n": True}, "f.yaml: a.n: True: must be an integer of at least 1"),
        ({"n": "3"}, "f.yaml: a.n: '3': must be an integer of at least 1"),
        ({"n": 1e300}, "f.yaml: a.n: 1e+300: must be an integer of at most 2^53"),
        ({"n": float("inf")}, "f.yaml: a.n: inf: must be an integer of at least 1"),
        ({"n": None}, "f.yaml: a.n: None: must be an integer of at least 1"),
        ({"rate": "fast"}, "f.yaml: a.rate: 'fast': must be a number above 0"),
        ({"rate": -1}, "f.yaml: a.rate: -1: must be a number above 0"),
        ({"rate": 10**400}, "must be a number above 0"),
        ({"rate": float("inf")}, "f.yaml: a.rate: inf: must be a number above 0"),
        ({"rate": float("nan")}, "f.yaml: a.rate: nan: must be a number above 0"),
        ({"share": 1.1}, "f.yaml: a.share: 1.1: must be a number above 0 and at most 1"),
        ({"label": 3}, "f.yaml: a.label: 3: must be text"),
        ({"flag": 1}, "f.yaml: a.flag: 1: must be true or false"),
        ({"norm": True}, "f.yaml: a.norm: True: must be one of: 1, 2"),
        ({"norm": [1]}, "f.yaml: a.norm: [1]: must be one of: 1, 2"),
        ({"limit": 0}, "f.yaml: a.limit: 0: must be an integer of at least 1, or null"),
        ({"inner": 3}, "f.yaml: a.inner: 3: must be a mapping with the keys depth"),
        ({"inner": {"width": 3}}, "f.yaml: a.inner.width: 3: unknown key; allowed: depth"),
        ({"color": "pink"}, "f.yaml: a.color: 'pink': must be a mapping with a name, one of: red, blue"),
        ({"color": {"name": "green"}}, "f.yaml: a.color.name: 'green': unknown; allowed: red, blue"),
        ({"color": {"name": ["red"]}}, "f.yaml: a.color.name: ['red']: unknown; allowed: red, blue"),
        ({"color": {"name": "blue", "shade": 1}}, "f.yaml: a.color.shade: 1: unknown key; allowed: none"),
        ({"named": [1]}, "f.yaml: a.named: [1]: must be a mapping; each value must be an integer"),
        ({"named": {3: 1}}, "f.yaml: a.named: 3: a name must be text: put it in quotes"),
        ({"named": {"x": 0}}, "f.yaml: a.named.x: 0: must be an integer of at least 1"),
        ({"m": 1}, f"f.yaml: a.m: 1: unknown key; allowed: {KEYS}, like"),
        ({3: 1}, "f.yaml: a.3: 1: unknown key"),
        ({"n": 13}, "n must not be 13"),
    ],
)  # fmt: skip
def test_bad_values_are_refused_in_one_line(values, message):
    with pytest.raises(ConfigError) as error:
        build(Example, {"n": 1, "rate": 1, **values}, "f.yaml: a", also=("like",))
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 250


def test_what_is_missing_is_named():
    with pytest.raises(ConfigError, match=r"^f\.yaml: a\.rate: missing; must be a number above 0$"):
        build(Example, {"n": 1}, "f.yaml: a")


@pytest.mark.parametrize("values", [None, [1], 3, "text"])
def test_what_is_no_mapping_is_refused(values):
    with pytest.raises(ConfigError, match=r"^f\.yaml: .*must be a mapping with the keys n, rate"):
        build(Example, values, "f.yaml")


def test_keys_of_a_file_follow_its_name():
    with pytest.raises(ConfigError, match=r"^f\.yaml: n: 0: "):
        build(Example, {"n": 0, "rate": 1}, "f.yaml")
