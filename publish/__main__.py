"""`python -m publish`: refresh results/published and the README's numbers from a full build."""

import json
import sys
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import Any

from grokking.claims.judge import DIFFERS, FAILS
from grokking.code import Codebase
from grokking.files import write_atomically
from grokking.page.contents import TABLES, Contents
from grokking.page.documents import gallery, readme_claims
from grokking.page.outline import outline
from grokking.report.comparison import label
from grokking.report.runtime import TOTAL
from grokking.store.hashes import hashes, is_portable
from grokking.store.paths import Results
from grokking.store.provenance import ROOT
from grokking.store.recipe import Recipe
from grokking.store.sealed import is_made_by
from grokking.study.built import results_behind
from grokking.study.load import load_study, stems
from grokking.study.recipes import recipes
from grokking.study.study import Study
from publish.folder import publish
from publish.readme import fill

FILES = ("claims.json", "provenance.json", "runtimes.json", "memory.json", *TABLES.values())
SUFFIXES = ("png", "csv")
LISTED = 20  # results that an error names, at most
PAPERS_OWN = "figure_"  # the names of the figures that a paper has itself begin so


def main() -> None:
    """Read results/, write results/published and README.md."""
    results = ROOT / "results"
    study = load_study(ROOT, stems(ROOT, "papers"), "paper", None)
    judged, built, runtimes = (
        json.loads((results / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("claims", "provenance", "runtimes")
    )
    require_reasons(judged)
    made = dict(recipes(study.default_runs, study.default_analyses, Codebase.at(ROOT), Results(results)))
    require_own_code(made)
    shown = Contents(results, outline(study), judged, built)
    minutes = round(sum(runtimes.values()) / 60, 1)
    origin = {key: built[key] for key in ("versions", "commit", "machine")}
    origin |= {"minutes_on_one_core": minutes, "hashes": hashes_of(study, Results(results))}
    publish(published_files(study, results), results, results / "published", origin, gallery(shown))
    readme = ROOT / "README.md"
    sections = {
        "claims": readme_claims(judged, minutes),
        "runtime": rows_of(results / "runtime.md", papers_own(study)),
    }
    write_atomically(readme, fill(readme.read_text(encoding="utf-8"), sections).encode())


def require_reasons(judged: Iterable[Mapping[str, Any]]) -> None:
    """Exit, naming them, if claims fail without a reason: a known difference is published with what is known of it."""
    failing = [one["id"] for one in judged if one["verdict"] in (DIFFERS, FAILS) and not one.get("reason")]
    if failing:
        sys.exit(f"publish: these claims fail and config/claims/ gives no reason: {', '.join(failing)}")


def require_own_code(made: Mapping[Path, Recipe]) -> None:
    """Exit, naming them, if results of the build are not what the present code makes: they would be told as its own."""
    compared = {folder for folder in made if folder.parent.name in ("alignments", "references")}  # not all are needed
    needed = [(folder, recipe) for folder, recipe in made.items() if folder not in compared or folder.exists()]
    foreign = [str(folder) for folder, recipe in needed if not is_made_by(folder, recipe.written())]
    if foreign:
        listed = "\n  ".join(foreign[:LISTED])
        more = f"\n  and {len(foreign) - LISTED} more" if len(foreign) > LISTED else ""
        sys.exit(f"publish: other code or settings have made these results; build them again first:\n  {listed}{more}")


def hashes_of(study: Study, results: Results) -> dict[str, dict[str, str]]:
    """The content of every run and analysis, by experiment and seed and by its id, to compare later builds with.

    Exits if some are native: nobody else's build could be compared with them to the byte.
    """
    found: dict[str, dict[str, str]] = {}
    for one in results_behind(study, results):
        found.setdefault(label(one.experiment, one.seed), {})[one.name] = hashes(Path(one.folder))
    native = sorted({name for some in found.values() for name, hashed in some.items() if not is_portable(hashed)})
    if native:
        listed = ", ".join(native[:LISTED])
        sys.exit(f"publish: {len(native)} results are of native arithmetic or a GPU; build them portable: {listed}")
    return found


def published_files(study: Study, results: Path) -> Iterable[Path]:
    """What is copied."""
    yield from (results / name for name in FILES)
    for figure in study.default_figures.values():
        folder = results / "figures" / figure.paper
        yield from (folder / f"{figure.name}.{suffix}" for suffix in SUFFIXES)
        if (table := results / "tables" / figure.paper / f"{figure.name}.md").exists():
            yield table


def papers_own(study: Study) -> set[str]:
    """The targets of the figures that the papers have themselves."""
    return {target for target, figure in study.default_figures.items() if figure.name.startswith(PAPERS_OWN)}


def rows_of(table: Path, targets: Container[str]) -> str:
    """The rows of the runtime table for some targets, with its header and its last row, the total."""
    header, rule, *rows = table.read_text(encoding="utf-8").strip().splitlines()
    names = [row.split("|")[1].strip(" `") for row in rows]
    chosen = [row for name, row in zip(names, rows, strict=True) if name in targets or name == TOTAL]
    return "\n".join([header, rule, *chosen])


if __name__ == "__main__":
    main()
