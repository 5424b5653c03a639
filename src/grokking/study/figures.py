"""Read the figures of a paper; refuse a figure that its kind cannot draw before any job starts."""

from collections.abc import Iterable, Mapping

from grokking.figures.kind import ANY_RUN, FigureKind
from grokking.figures.kinds import kinds
from grokking.parts.errors import ConfigError, allowed_names
from grokking.parts.fields import build
from grokking.specs.run import RunSpec
from grokking.store.source import SWEEP, Source
from grokking.study.config import Figure, Settings
from grokking.study.names import require_rule_name
from grokking.study.sources import seeds_of
from grokking.study.study import Study
from grokking.study.sweep import flat, last


def read_figures(entries: Mapping[str, Settings], paper: str, where: str) -> dict[str, Figure]:
    """Return the figures of `paper` by name, from the entries under `figures` in its YAML file.

    `where` is the file's path in messages. Raises `ConfigError` for a name the workflow cannot use,
    an unknown or missing setting or kind, a label or reference that is no experiment of the figure,
    a formula that matplotlib cannot read, or a number of experiments that the kind does not draw.
    """
    figures = {}
    for name, values in entries.items():
        place = f"{where}: figures.{name}"
        require_rule_name(name, place)
        figure = build(Figure, values, place, ready={"name": name, "paper": paper})
        if figure.kind not in kinds():
            raise ConfigError(f"{place}.kind", figure.kind, f"unknown; {allowed_names(figure.kind, kinds())}")
        require_own(figure, place)
        require_formulas(figure.labels, place)
        require_number(figure.kind, len(figure.experiments), f"{place}.experiments")
        require_reference(figure, place)
        require_claims(figure, place)
        figures[name] = figure
    return figures


def require_own(figure: Figure, place: str) -> None:
    """Raise `ConfigError` unless the labels and the reference of a figure name its experiments.

    Each experiment may be listed once.
    """
    allowed = ", ".join(figure.experiments)
    for key, names in (("labels", figure.labels), ("reference", [figure.reference] if figure.reference else [])):
        for name in names:
            if name not in figure.experiments:
                raise ConfigError(f"{place}.{key}", name, f"must be one of the figure's experiments: {allowed}")
    for name in figure.experiments:
        if figure.experiments.count(name) > 1:
            raise ConfigError(f"{place}.experiments", name, "is listed twice")


def require_formulas(labels: Mapping[str, str], place: str) -> None:
    """Raise `ConfigError` for a label with a formula that matplotlib cannot read."""
    for name, label in labels.items():
        if "$" in label:
            from matplotlib.mathtext import MathTextParser  # slow to import, rarely needed

            try:
                MathTextParser("path").parse(label)
            except ValueError:
                raise ConfigError(f"{place}.labels.{name}", label, "is not a formula that matplotlib reads") from None


def require_number(kind: str, number: int, place: str) -> None:
    """Raise `ConfigError` unless a kind of figure draws this number of experiments."""
    known = kinds()[kind]
    if number < known.least or (known.most is not None and number > known.most):
        most = "" if known.most is None else f" and at most {known.most}"
        raise ConfigError(place, number, f"{kind} takes at least {known.least}{most}")


def require_reference(figure: Figure, place: str) -> None:
    """Raise `ConfigError` unless a figure has the reference that its kind needs."""
    if kinds()[figure.kind].reference and not figure.reference:
        allowed = f"{figure.kind} needs one of its experiments as reference: {', '.join(figure.experiments)}"
        raise ConfigError(f"{place}.reference", figure.reference, allowed)


def require_claims(figure: Figure, place: str) -> None:
    """Raise `ConfigError` unless a figure names claims exactly if its kind judges them."""
    judges = kinds()[figure.kind].judges
    if judges != bool(figure.claims):
        allowed = "a dict of claims in the paper's file of claims" if judges else f"nothing: {figure.kind} judges none"
        raise ConfigError(f"{place}.claims", figure.claims, f"must be {allowed}")


def require_fit(study: Study, figure: Figure, place: str) -> None:
    """Raise `ConfigError` unless a figure's kind can draw its experiments, which must exist."""
    place, kind = f"{place}.experiments", kinds()[figure.kind]
    seen: dict[str, str] = {}
    for name in figure.experiments:
        source = next(seeds_of(study, figure.paper, name))
        require_taken(figure.kind, source, place, name)
        if source.evidence in kind.single and source.evidence in seen:
            allowed = f"{figure.kind} draws only one {source.evidence}, and already has {seen[source.evidence]}"
            raise ConfigError(place, name, allowed)
        seen[source.evidence] = name
        if figure.reference and not shared_seeds(study, figure, name):
            raise ConfigError(place, name, f"has no seed of {figure.reference}, the reference; give it one")
        if kind.varied and not varied(study.runs_of(figure.paper, [name])) & {*kind.varied}:
            raise ConfigError(place, name, f"must vary what {figure.kind} shows, one of {', '.join(kind.varied)}")


def shared_seeds(study: Study, figure: Figure, name: str) -> set[int]:
    """Return the seeds that an experiment of a figure shares with the figure's reference."""
    names = (name, figure.reference or name)
    first, second = ({source.seed for source in seeds_of(study, figure.paper, one)} for one in names)
    return first & second


def require_taken(kind: str, source: Source, place: str, name: str) -> None:
    """Raise `ConfigError` unless a kind of figure draws the evidence of the source `name`."""
    if not takes(kinds()[kind], source):
        evidence = "a sweep" if source.evidence == SWEEP else f"which gives {source.evidence}"
        fits = ", ".join(other for other, known in kinds().items() if takes(known, source))
        raise ConfigError(place, name, f"{kind} cannot draw it, {evidence}; allowed kinds: {fits or 'none'}")


def takes(kind: FigureKind, source: Source) -> bool:
    """Return whether a kind of figure draws the evidence of a source."""
    return source.evidence in kind.takes or (source.is_run and ANY_RUN in kind.takes)


def varied(runs: Iterable[RunSpec]) -> set[str]:
    """Return the settings in which runs differ, such as `width` for `model.width`."""
    values: dict[str, set[str]] = {}
    for run in runs:
        for path, value in flat(run.to_mapping()):
            values.setdefault(last(path), set()).add(str(value))
    return {setting for setting, several in values.items() if len(several) > 1}
