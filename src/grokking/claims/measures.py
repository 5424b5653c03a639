"""The measures by the names that a claims file calls them.

To add one: a frozen dataclass with a `read` method in `grokking.measures` and one line in `MEASURES`.
"""

from collections.abc import Mapping
from typing import Any

from grokking.measures.curves import Crossing, Final, Maximum, Minimum, StepOfMaximum, ValueAt, ValueWhen
from grokking.measures.evidence import Measure
from grokking.measures.tables import Difference, Exponent, Mean, Onset, Ratio, Reference, Rows
from grokking.specs.fields import ConfigError, build

MEASURES: dict[str, type[Any]] = {
    "value_at": ValueAt,
    "final": Final,
    "crossing": Crossing,
    "maximum": Maximum,
    "minimum": Minimum,
    "mean": Mean,
    "step_of_maximum": StepOfMaximum,
    "reference": Reference,
    "exponent": Exponent,
    "onset": Onset,
}
PAIRS: dict[str, type[Ratio] | type[Difference]] = {"ratio": Ratio, "difference": Difference}


def parse_measure(values: Any, where: str) -> Measure:
    """A measure from YAML, `{name: …, parameters}`. Raises `ConfigError`."""
    if not isinstance(values, Mapping):
        raise ConfigError(where, values, "must be a mapping with a name")
    parameters = dict(values)
    name = parameters.pop("name", None)
    if name in PAIRS:
        for key in parameters.keys() ^ {"of", "to"}:
            raise ConfigError(f"{where}.{key}", parameters.get(key), f"{name} takes exactly two measures: of, to")
        return PAIRS[name](**{key: parse_measure(parameters[key], f"{where}.{key}") for key in ("of", "to")})
    if name == "rows":
        return parse_rows(parameters, where)
    if name == "value_when":
        if not isinstance(parameters.get("crossing"), Mapping) or parameters.keys() != {"column", "crossing"}:
            raise ConfigError(where, dict(values), "value_when takes a column and a crossing")
        return ValueWhen(str(parameters["column"]), build(Crossing, parameters["crossing"], f"{where}.crossing"))
    if name not in MEASURES:
        known = ", ".join([*MEASURES, "value_when", "rows", *PAIRS])
        raise ConfigError(f"{where}.name", name, f"unknown; allowed: {known}")
    measure: Measure = build(MEASURES[name], parameters, where)
    return measure


def parse_rows(parameters: Mapping[str, Any], where: str) -> Rows:
    """A measure of part of a table. Raises `ConfigError`."""
    if not isinstance(parameters.get("where"), Mapping) or parameters.keys() != {"where", "axis", "of"}:
        raise ConfigError(where, dict(parameters), "rows takes where (column: value), an axis and a measure: of")
    chosen = tuple(
        (column, value if isinstance(value, str) else float(value)) for column, value in parameters["where"].items()
    )
    return Rows(chosen, str(parameters["axis"]), parse_measure(parameters["of"], f"{where}.of"))
