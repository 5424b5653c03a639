"""`python -m publish`: update results/published and the numbers in README.md and docs/ from a build.

The build is a full one, `snakemake --config everything=true -- all`, or what is there of it, `hours=0`
besides.
"""

import json
import sys
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from grokking.claims.judge import FAILING, NOT_BUILT
from grokking.code import Codebase
from grokking.failures import DamagedResult
from grokking.files import write_atomically
from grokking.page.claims import Claims, Judged
from grokking.page.contents import TABLES, Contents
from grokking.page.documents import gallery, readme_claims, readme_findings
from grokking.page.findings import FILE, StaleFindingError, document, written
from grokking.page.outline import lacking, outline
from grokking.report.comparison import label
from grokking.report.runtime import TOTAL
from grokking.store.checksums import require_unchanged
from grokking.store.hashes import hashes, is_portable
from grokking.store.paths import Results
from grokking.store.provenance import ROOT
from grokking.study.built import results_behind
from grokking.study.finished import finished_part
from grokking.study.load import load_study, read_settings
from grokking.study.study import Study
from publish.folder import publish
from publish.readme import fill_in

READ = ("claims.json", "provenance.json", "runtimes.json")
FILES = (*READ, "memory.json", *TABLES.values())
SUFFIXES = ("png", "csv")
LISTED = 20  # most results that an error names


def main() -> None:
    """Read results/; write results/published, docs/findings.md and the numbers of other documents."""
    results = ROOT / "results"
    whole = load_study(ROOT, list(read_settings(ROOT, {}).papers), "paper", None, everything=True)
    study = finished_part(whole, Codebase.at(ROOT), Results(results))
    require_build(results)
    files = list(published_files(study, results))
    require_unedited(files)
    texts = ((results / name).read_text(encoding="utf-8") for name in READ)
    judged, built, runtimes = map(json.loads, texts)
    require_same_part(study, judged)
    require_reasons(judged)
    source = (ROOT / FILE).read_text(encoding="utf-8")
    drawn = {(figure.paper, figure.name) for figure in study.default_figures.values()}
    findings = told(source, judged, {"/".join(figure) for figure in drawn})
    note = lacking(outline(whole), drawn)
    shown = Contents(results, outline(study), judged, built, source, note)
    minutes = round(sum(runtimes.values()) / 60, 1)
    origin = {key: built[key] for key in ("versions", "commit", "machine")}
    origin |= {"minutes_on_one_core": minutes, "hashes": hashes_of(study, Results(results))}
    publish(files, results, results / "published", origin, gallery(shown))
    write_atomically(ROOT / "docs/findings.md", findings.encode())
    sections = {"findings": readme_findings(shown), "claims": readme_claims(judged, minutes, note)}
    sections["speed"] = speed((results / "benchmark.md").read_text(encoding="utf-8"))
    fill_in(ROOT / "README.md", sections)
    fill_in(ROOT / "docs/running.md", {"runtime": rows_of(results / "runtime.md", papers_own(study))})


def told(source: str, judged: Sequence[Judged], drawn: Container[str]) -> str:
    """Return docs/findings.md, made of `source`; exit if one of its sentences is not so in this build."""
    try:
        return document(source, Claims(judged), drawn)
    except StaleFindingError as error:
        sys.exit(f"publish: {error}")


def require_build(results: Path) -> None:
    """Exit, naming the file, if a file of the build is missing."""
    if missing := [name for name in FILES if not (results / name).exists()]:
        sys.exit(f"publish: results/{missing[0]} is missing; `make publish` builds it")


def require_same_part(study: Study, judged: Iterable[Judged]) -> None:
    """Exit, saying how to judge again, unless claims are judged on what is there: `study`."""
    there = {claim.id for paper in study.papers.values() for claim in paper.judged}
    if {claim["id"] for claim in judged if claim["verdict"] != NOT_BUILT} != there:
        build = "snakemake --cores 2 --config everything=true hours=0 -- all"
        sys.exit(f"publish: results/claims.json is not of all that is there; judge that: {build}")


def require_unedited(files: Iterable[Path]) -> None:
    """Exit, naming the file, if a file of the build is not as its job wrote it."""
    try:
        require_unchanged(files)
    except DamagedResult as error:
        sys.exit(f"publish: {error}")


def require_reasons(judged: Iterable[Mapping[str, Any]]) -> None:
    """Exit, naming the claims, if claims fail and config/claims/ gives no reason."""
    failed = [claim for claim in judged if claim["verdict"] in FAILING]
    unexplained = [claim["id"] for claim in failed if not claim.get("reason")]
    if unexplained:
        names = ", ".join(unexplained)
        sys.exit(f"publish: these claims fail and config/claims/ gives no reason: {names}")


def hashes_of(study: Study, results: Results) -> dict[str, dict[str, str]]:
    """The hashes of every run and analysis by `label` and id, to compare later builds with.

    Exits, naming the results, if some are native: other machines do not reproduce their bytes.
    """
    hashed: dict[str, dict[str, str]] = {}
    for built in results_behind(study, results):
        content = hashes(Path(built.folder))
        hashed.setdefault(label(built.experiment, built.seed), {})[built.name] = content
    contents = {name: content for results_of in hashed.values() for name, content in results_of.items()}
    if native := sorted(name for name, content in contents.items() if not is_portable(content)):
        listed = ", ".join(native[:LISTED])
        error = f"publish: {len(native)} results are of native arithmetic or a GPU"
        sys.exit(f"{error}; rebuild them with portable arithmetic: {listed}")
    return hashed


def published_files(study: Study, results: Path) -> Iterable[Path]:
    """The files of the build to publish."""
    yield from (results / name for name in FILES)
    for figure in study.default_figures.values():
        folder = results / "figures" / figure.paper
        yield from (folder / f"{figure.name}.{suffix}" for suffix in SUFFIXES)
        if (table := results / "tables" / figure.paper / f"{figure.name}.md").exists():
            yield table


def papers_own(study: Study) -> set[str]:
    """The targets of the figures that are in the papers."""
    return {figure.target for figure in study.default_figures.values() if not figure.added}


def speed(benchmark: str) -> str:
    """The README's comparison of descent and flow, from the row of Figure 2a in benchmark.md."""
    table = [line.strip("| ").split(" | ") for line in benchmark.splitlines() if line.startswith("| ")]
    header = next(row for row in table if row[0] == "experiment")
    row = dict(zip(header, next(row for row in table if row[0].endswith("/fig2a")), strict=True))
    seconds, ms = float(row["seconds per seed (most)"]), float(row["ms per step"])
    steps = float(row["descent: steps"].replace(",", ""))
    return (
        f"Figure 2a of Lyu et al. is {written(steps)} steps of gradient descent: {steps * ms / 3.6e6:.0f} hours of one "
        f"core at {ms:g} ms a step. Here it takes {seconds:.0f} seconds."
    )


def rows_of(table: Path, targets: Container[str]) -> str:
    """The header of the runtime table in `table`, its rows for `targets`, and the total."""
    header, rule, *rows = table.read_text(encoding="utf-8").strip().splitlines()
    names = {row.split("|")[1].strip(" `"): row for row in rows}
    chosen = [row for name, row in names.items() if name in targets or name == TOTAL]
    return "\n".join([header, rule, *chosen])


if __name__ == "__main__":
    main()
