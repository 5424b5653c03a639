"""What portable arithmetic costs against native: for each kind of net, and added up over the published build.

The two are measured in processes of their own, in turn, for how a process computes is settled when it begins.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from grokking import arithmetic
from grokking.report.tables import markdown
from grokking.store.provenance import ROOT

if TYPE_CHECKING:
    from grokking.specs.run import RunSpec

ROUNDS = 3  # processes of each kind
SECONDS = 2.0  # for which each net is timed in a process
NETS = {  # an experiment with the net at the paper's size, by the net's name
    "diagonal_net": ("lyu2024", "fig1a"),
    "factorization": ("lyu2024", "fig3"),
    "two_layer_net": ("lyu2024", "fig2a"),
    "quadratic_net": ("gromov2023", "gromov_fig1"),
    "transformer": ("pku2024", "transformer_0.5"),
    "mlp": ("pku2024", "mlp"),
    "lstm": ("pku2024", "lstm"),
}
HEADER = ("arithmetic: CPU time of a gradient or step", "portable, ms", "native, ms", "ratio", "minutes of the build")


def section(published: Path = ROOT / "results/published") -> str:
    """A table of the nets, and a sentence for the whole build."""
    times, minutes = measured(), build_minutes(published)
    ratios = {net: times["portable"][net] / times["native"][net] for net in NETS}
    rows = [[net, times["portable"][net], times["native"][net], ratios[net], minutes[net]] for net in NETS]
    total = sum(minutes[net] for net in NETS)
    more = sum(minutes[net] * (ratios[net] - 1) for net in NETS) / total
    return f"{markdown(HEADER, rows)}\n{sentence(more)}\n"


def sentence(more: float) -> str:
    """What it costs over a build whose minutes are those of native arithmetic."""
    return f"Over the training of the whole build portable arithmetic costs {more:+.0%} of CPU against native here."


def measured() -> dict[str, dict[str, float]]:
    """Milliseconds of CPU by arithmetic and net: the medians of processes that take turns."""
    found: dict[str, dict[str, list[float]]] = {kind: defaultdict(list) for kind in arithmetic.KINDS}
    for _ in range(ROUNDS):
        for kind, times in found.items():
            command = [sys.executable, "-m", "grokking.report.benchmark_arithmetic"]
            arithmetic.hand_on(kind)
            done = subprocess.run(command, env=os.environ, capture_output=True, encoding="utf-8", check=True)
            for net, ms in json.loads(done.stdout).items():
                times[net].append(ms)
    arithmetic.hand_on(arithmetic.kind())
    return {kind: {net: statistics.median(ms) for net, ms in times.items()} for kind, times in found.items()}


def build_minutes(published: Path) -> Mapping[str, float]:
    """The minutes for which each kind of net was trained in the published build."""
    found: dict[str, float] = defaultdict(float)
    for run in json.loads((published / "provenance.json").read_text(encoding="utf-8"))["runs"]:
        found[run["spec"]["model"]["name"]] += run["wall_seconds"] / 60
    return found


def times_here() -> Iterator[tuple[str, float]]:
    """Each net with the milliseconds of CPU of its gradient, or of its step, in this process."""
    from grokking.study.load import load_study

    papers = load_study(ROOT, sorted({paper for paper, _ in NETS.values()}), "paper", None).papers
    for net, (paper, name) in NETS.items():
        work = work_of(papers[paper].experiments[name].runs[0])
        work()
        times, began = 0, time.process_time()
        while time.process_time() - began < SECONDS:
            work()
            times += 1
        yield net, 1000 * (time.process_time() - began) / times


def work_of(spec: "RunSpec") -> Callable[[], object]:
    """A step of an optimiser, or the right-hand side of a flow."""
    from grokking.models import objective
    from benchmarks.optimizers import step_of
    from grokking.runs.motion import motion_of
    from grokking.tasks import draw

    minimised = objective(spec.model, draw(spec.task, spec.seed), spec.seed)
    if spec.dynamics.kind == "steps":
        return step_of(spec, minimised, minimised.initial.clone())
    motion = motion_of(spec, minimised)
    state = motion.start()
    return lambda: motion.system.velocity(0.0, state.y)


if __name__ == "__main__":
    from grokking.kernels.computing import computing

    with computing():
        print(json.dumps(dict(times_here())))
