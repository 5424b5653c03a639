"""The figures of a paper."""

from collections.abc import Mapping

from grokking.specs.fields import ConfigError, build
from grokking.study.config import Figure, Settings
from grokking.study.kinds import KINDS
from grokking.study.names import require_rule_name


def read_figures(entries: Mapping[str, Settings], paper: str, where: str) -> dict[str, Figure]:
    """The figures by name. Raises `ConfigError`."""
    figures = {}
    for name, values in entries.items():
        place = f"{where}: figures.{name}"
        require_rule_name(name, place)
        figure = build(Figure, values, place, ready={"name": name, "paper": paper})
        if figure.kind not in KINDS:
            raise ConfigError(f"{place}.kind", figure.kind, f"unknown; allowed: {', '.join(KINDS)}")
        for key, names in (("labels", figure.labels), ("reference", [figure.reference] if figure.reference else [])):
            for other in names:
                if other not in figure.experiments:
                    allowed = f"must be one of the figure's experiments: {', '.join(figure.experiments)}"
                    raise ConfigError(f"{place}.{key}", other, allowed)
        figures[name] = figure
    return figures
