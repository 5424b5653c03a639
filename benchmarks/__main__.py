"""`python -m benchmarks`: write results/benchmark.md after a build, on what is there of it.

Sections: a timed build of a few figures, flows against gradient descent, gradients against their
matrix products, nets against plain torch, portable against native arithmetic, and the seconds in
which optimisers generalise.
"""

from pathlib import Path

from benchmarks import arithmetic, builds, descent, gradients, nets, optimizers
from grokking.code import Codebase
from grokking.files import write_atomically
from grokking.kernels.computing import computing
from grokking.store.checksums import SUFFIX, write_checksums
from grokking.store.paths import Results
from grokking.store.provenance import ROOT
from grokking.study.finished import finished_part
from grokking.study.folders import stems
from grokking.study.load import load_study
from grokking.study.study import Study


def main() -> None:
    """Time everything with the settings of jobs and write results/benchmark.md."""
    results = ROOT / "results"
    whole = load_study(ROOT, stems(ROOT, "papers"), "paper", None)
    study = finished_part(whole, Codebase.at(ROOT), Results(results))
    file = results / "benchmark.md"
    with computing():
        write_atomically(file, text(study, results).encode())
    write_checksums([file, file.with_suffix(SUFFIX)])


def text(study: Study, results: Path) -> str:
    """All sections in Markdown."""
    return "\n".join([
        builds.section(study),
        descent.section(study, results),
        gradients.section(study),
        nets.section(),
        arithmetic.section(results),
        optimizers.section(study, results),
        descent.log_time_section(study, results),
    ])  # fmt: skip


if __name__ == "__main__":
    main()
