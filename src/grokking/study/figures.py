"""The figures of a paper: read, and refused before anything runs if their kind cannot draw what they name."""

from collections.abc import Mapping

from grokking.figures.kinds import KINDS, SWEEP
from grokking.parts.errors import ConfigError
from grokking.parts.fields import build
from grokking.study.config import Figure, Settings
from grokking.study.names import require_rule_name
from grokking.study.study import Study


def read_figures(entries: Mapping[str, Settings], paper: str, where: str) -> dict[str, Figure]:
    """The figures by name. Raises `ConfigError`."""
    figures = {}
    for name, values in entries.items():
        place = f"{where}: figures.{name}"
        require_rule_name(name, place)
        figure = build(Figure, values, place, ready={"name": name, "paper": paper})
        if figure.kind not in KINDS:
            raise ConfigError(f"{place}.kind", figure.kind, f"unknown; allowed: {', '.join(KINDS)}")
        require_own(figure, place)
        require_formulas(figure.labels, place)
        require_number(figure.kind, len(figure.experiments), f"{place}.experiments")
        require_reference(figure, place)
        figures[name] = figure
    return figures


def require_own(figure: Figure, place: str) -> None:
    """Raise `ConfigError` unless what a figure labels or refers to is among its experiments, each listed once."""
    own = ", ".join(figure.experiments)
    for key, names in (("labels", figure.labels), ("reference", [figure.reference] if figure.reference else [])):
        for name in names:
            if name not in figure.experiments:
                raise ConfigError(f"{place}.{key}", name, f"must be one of the figure's experiments: {own}")
    for name in figure.experiments:
        if figure.experiments.count(name) > 1:
            raise ConfigError(f"{place}.experiments", name, "is listed twice")


def require_formulas(labels: Mapping[str, str], place: str) -> None:
    """Raise `ConfigError` for a formula in a label that is none."""
    for name, label in labels.items():
        if "$" in label:
            from matplotlib.mathtext import MathTextParser  # takes a while to import, and is seldom needed

            try:
                MathTextParser("path").parse(label)
            except ValueError:
                raise ConfigError(f"{place}.labels.{name}", label, "is no formula that matplotlib reads") from None


def require_number(kind: str, number: int, place: str) -> None:
    """Raise `ConfigError` unless a kind of figure draws so many experiments."""
    known = KINDS[kind]
    if number < known.least or (known.most is not None and number > known.most):
        most = "" if known.most is None else f" and at most {known.most}"
        raise ConfigError(place, number, f"{kind} takes at least {known.least}{most}")


def require_reference(figure: Figure, place: str) -> None:
    """Raise `ConfigError` unless a figure has a reference where its kind must have one."""
    if KINDS[figure.kind].reference and not figure.reference:
        allowed = f"{figure.kind} needs one of its experiments as reference: {', '.join(figure.experiments)}"
        raise ConfigError(f"{place}.reference", figure.reference, allowed)


def require_fit(study: Study, figure: Figure, place: str) -> None:
    """Raise `ConfigError` unless a figure's kind can draw its experiments, which exist."""
    kind, found = KINDS[figure.kind], dict[str, str]()
    for name in figure.experiments:
        given = evidence_kind(study, figure.paper, name)
        if given not in kind.takes:
            fits = ", ".join(other for other, kind in KINDS.items() if given in kind.takes)
            allowed = f"{figure.kind} cannot draw it, {described(given)}; allowed kinds: {fits or 'none'}"
            raise ConfigError(f"{place}.experiments", name, allowed)
        if given in found and given in kind.single:
            allowed = f"{figure.kind} draws one {given} alone, and has {found[given]}"
            raise ConfigError(f"{place}.experiments", name, allowed)
        found[given] = name


def evidence_kind(study: Study, paper: str, name: str) -> str:
    """What a figure gets of an experiment or analysis: runs on a kind of data, a sweep, or an analysis of a name."""
    home, local = study.home(paper, name)
    if local in home.analyses:
        return home.analyses[local][0].analysis.name
    experiment = home.experiments[local]
    return SWEEP if experiment.is_sweep else experiment.runs[0].task.data


def described(given: str) -> str:
    """`evidence_kind` in words."""
    return "a sweep" if given == SWEEP else f"which gives {given}"
