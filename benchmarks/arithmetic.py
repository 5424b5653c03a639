"""The cost of portable against native arithmetic: for each net, and over the build.

Each is measured in separate processes, because a process sets its arithmetic when it starts.
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

from benchmarks.chosen import first_of_each_model
from benchmarks.optimizers import step_of
from grokking import arithmetic
from grokking.kernels.computing import computing
from grokking.report.tables import markdown
from grokking.specs.run import RunSpec
from grokking.store.provenance import ROOT
from grokking.study.folders import stems
from grokking.study.load import load_study

ROUNDS = 3  # processes of each kind
SECONDS = 2.0  # per net and process
HEADER = (
    *("arithmetic: CPU time of a gradient or step", "portable, ms", "native, ms"),
    *("ratio", "minutes of the build"),
)


def section(results: Path) -> str:
    """A table with a row per net (`HEADER`), and a sentence for the build in `results`."""
    times, minutes = measured(), build_minutes(results)
    portable, native = times["portable"], times["native"]
    ratios = {net: portable[net] / native[net] for net in native}
    rows = [[net, portable[net], native[net], ratios[net], minutes[net]] for net in native]
    total = sum(minutes[net] for net in native)
    more = sum(minutes[net] * (ratios[net] - 1) for net in native) / total
    return f"{markdown(HEADER, rows)}\n{sentence(more)}\n"


def sentence(more: float) -> str:
    """A sentence on the cost over a build; `more` is the extra share of CPU time."""
    return f"Over the training of a full build portable arithmetic costs {more:+.0%} CPU time against native."


def measured() -> dict[str, dict[str, float]]:
    """Milliseconds of CPU by arithmetic and net: medians over processes in turn."""
    samples: dict[str, dict[str, list[float]]] = {kind: defaultdict(list) for kind in arithmetic.KINDS}
    command = [sys.executable, "-m", "benchmarks.arithmetic"]
    for _ in range(ROUNDS):
        for kind, times in samples.items():
            arithmetic.hand_on(kind)
            output = subprocess.check_output(command, cwd=ROOT, env=os.environ)
            for net, ms in json.loads(output).items():
                times[net].append(ms)
    arithmetic.hand_on(arithmetic.kind())
    return {
        kind: {net: statistics.median(ms) for net, ms in times.items()}
        for kind, times in samples.items()
    }  # fmt: skip


def build_minutes(results: Path) -> Mapping[str, float]:
    """The minutes of training of each net in a build."""
    minutes: dict[str, float] = defaultdict(float)
    for run in json.loads((results / "provenance.json").read_text(encoding="utf-8"))["runs"]:
        minutes[run["spec"]["model"]["name"]] += run["wall_seconds"] / 60
    return minutes


def times_here() -> Iterator[tuple[str, float]]:
    """Each net of the papers and the milliseconds of CPU of its gradient or step, timed here."""
    study = load_study(ROOT, stems(ROOT, "papers"), "paper", None)
    for net, run in first_of_each_model(study.experiments).items():
        work = work_of(run)
        work()
        times, began = 0, time.process_time()
        while time.process_time() - began < SECONDS:
            work()
            times += 1
        yield net, 1000 * (time.process_time() - began) / times


def work_of(spec: RunSpec) -> Callable[[], object]:
    """A function that takes an optimiser's step or evaluates a flow's right-hand side."""
    minimised = spec.model.objective(spec.task.draw(spec.seed), spec.seed)
    if spec.dynamics.takes_steps:
        return step_of(spec, minimised, minimised.initial.clone())
    motion = spec.dynamics.motion(minimised, spec)
    state = motion.start()
    return lambda: motion.system.velocity(0.0, state.y)


if __name__ == "__main__":
    with computing():
        print(json.dumps(dict(times_here())))
