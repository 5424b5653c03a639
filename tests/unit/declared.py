"""Hypothesis strategies over everything that a declaration accepts, at sizes that take milliseconds."""

import dataclasses
import typing

from hypothesis import strategies as st

from grokking.models.activation import ActivationName, activations
from grokking.parts import fields
from grokking.parts.errors import ConfigError
from grokking.parts.fields import hints_of, kind_of
from grokking.parts.registry import parts
from grokking.tasks.flipped import Flipped

FUNCTIONS = ("n + m", "m+n", "n*m", "n^2 + n*m", "n/m", "m/n", "n - m", "3", "n^0", "n/0", "x", "")
BY_TYPE = {
    fields.Count: st.integers(1, 8),
    fields.Size: st.sampled_from([1, 2, 3, 4, 6, 8]),
    fields.Index: st.integers(0, 6),
    fields.Positive: st.sampled_from([1e-3, 0.1, 1.0, 3.0]),
    fields.NonNegative: st.sampled_from([0.0, 1e-3, 0.3]),
    fields.Factor: st.sampled_from([1.0, 1.5, 10.0]),
    fields.Amplification: st.sampled_from([-1.0, 0.0, 2.0]),
    fields.Fraction: st.sampled_from([0.05, 0.5, 1.0]),
    fields.Probability: st.sampled_from([0.0, 0.3, 0.9]),
    fields.Observed: st.one_of(st.floats(0.01, 0.99), st.integers(2, 70).map(float)),
    Flipped: st.one_of(st.sampled_from([0.0, 0.3]), st.integers(1, 9).map(float)),
    ActivationName: st.sampled_from(activations()),
    bool: st.booleans(),
    str: st.sampled_from(FUNCTIONS),
}
BY_NAME = {
    "file": st.sampled_from([f"tests/portable/{name}.csv" for name in ("s3", "median", "none")]),
    "digest": st.just(""),  # filled in
}


def value(hint):
    """What a field of a type may hold."""
    if hint in BY_TYPE:
        return BY_TYPE[hint]
    if typing.get_origin(hint) is typing.Literal:
        return st.sampled_from(typing.get_args(hint))
    if typing.get_origin(hint) is tuple:
        items = st.lists(value(typing.get_args(hint)[0]), min_size=1, max_size=3)
        return st.one_of(items.map(lambda some: sorted(set(some))), items).map(tuple)  # many lists must ascend
    return st.sampled_from(list(parts(kind_of(hint)).values())).flatmap(part)


def part(cls, **given):
    """Whatever a declaration accepts: what it refuses, in one line, is left out."""
    hints = hints_of(cls)
    known = {**BY_NAME, **given}
    names = [field.name for field in dataclasses.fields(cls)]
    named = {name: known[name] if name in known else value(hints[name]) for name in names}
    return st.fixed_dictionaries(named).map(lambda values: accepted(cls, values)).filter(lambda one: one is not None)


def accepted(cls, values):
    """The part, or None if it is refused: in one line."""
    try:
        return cls(**values)
    except (ConfigError, ValueError) as error:
        message = str(error)
    assert "\n" not in message
    return None
