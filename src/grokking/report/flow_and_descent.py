"""Gradient flow against literal gradient descent, event by event."""

from pathlib import Path

from grokking.measures.events import compare_events, events
from grokking.report.tables import markdown
from grokking.store.results import TABLE, read_csv, read_spec


def comparison(name: str, flow: Path, descent: Path) -> str:
    """A section in Markdown from two run folders: a row per event, and evaluations and seconds."""
    runs = (flow, descent)
    compared = compare_events(*(events(read_csv(run / TABLE)) for run in reversed(runs)))
    rows = [[r.event, r.new, r.old, r.ratio] for r in compared.itertuples()]
    about = [read_spec(run)[1] for run in runs]
    for key, title in (("evaluations", "gradient evaluations"), ("wall_seconds", "seconds")):
        a, b = (float(run[key]) for run in about)
        rows.append([title, a, b, a / b])
    return f"## {name}\n\n" + markdown(["event", "flow", "descent", "flow / descent"], rows)
