"""Gradient flow against literal gradient descent, event by event."""

from pathlib import Path

from grokking.measures.events import compare_events, events
from grokking.report.tables import markdown
from grokking.runs.trajectory import Trajectory, read_run


def comparison(name: str, flow: Path, descent: Path) -> str:
    """A section with one row per event, and one each for evaluations and seconds; arguments are run folders."""
    runs = (flow, descent)
    compared = compare_events(*(events(Trajectory.read(run).table) for run in reversed(runs)))
    rows = [[r.event, r.new, r.old, r.ratio] for r in compared.itertuples()]
    for key, title in (("evaluations", "gradient evaluations"), ("wall_seconds", "seconds")):
        a, b = (float(read_run(run)[key]) for run in runs)
        rows.append([title, a, b, a / b])
    return f"## {name}\n\n" + markdown(["event", "flow", "descent", "flow / descent"], rows)
