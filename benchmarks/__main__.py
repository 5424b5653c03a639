"""`python -m benchmarks`: write results/benchmark.md after a full build.

It has a timed build of a few figures, flows against literal gradient descent, gradients against
their matrix products, nets against plain torch, portable against native arithmetic, and optimisers
by the seconds in which they generalise.
"""

from pathlib import Path

from benchmarks import arithmetic, builds, descent, gradients, nets, optimizers
from grokking.files import write_atomically
from grokking.kernels.computing import computing
from grokking.store.provenance import ROOT
from grokking.study.load import load_study, stems
from grokking.study.study import Study


def main() -> None:
    """Time everything as jobs compute, and write the file."""
    study, results = load_study(ROOT, stems(ROOT, "papers"), "paper", None), ROOT / "results"
    with computing():
        write_atomically(results / "benchmark.md", text(study, results).encode())


def text(study: Study, results: Path) -> str:
    """All sections in Markdown."""
    return "\n".join([
        builds.section(study),
        descent.section(study, results),
        gradients.section(study),
        nets.section(),
        arithmetic.section(results / "published"),
        optimizers.section(study, results),
        descent.log_time_section(study, results),
    ])  # fmt: skip


if __name__ == "__main__":
    main()
