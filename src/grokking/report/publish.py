"""`python -m grokking.report.publish`: refresh results/published and the README's numbers from a full build."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from grokking.claims.judge import DIFFERS, FAILS
from grokking.code import Codebase
from grokking.files import write_atomically
from grokking.report.claims import summary
from grokking.report.comparison import label
from grokking.report.gallery import TABLES, gallery
from grokking.report.published import publish
from grokking.report.readme import fill
from grokking.store.hashes import hashes, is_portable
from grokking.store.paths import Results
from grokking.store.provenance import ROOT
from grokking.store.recipe import Recipe
from grokking.store.sealed import is_made_by
from grokking.study.built import results_behind
from grokking.study.load import load_study, stems
from grokking.study.recipes import recipes
from grokking.study.study import Study

FILES = ("claims.json", "claims.md", "provenance.json", "runtimes.json", "memory.json", *TABLES.values())
SUFFIXES = ("svg", "png", "csv")
LISTED = 20  # results that are named, at most
TOLD = (  # the targets whose cost the README tells
    *(f"lyu2024_figure_{number}" for number in ("1a", "1b", "2a", "2b", "2c", "3", "4")),
    *("lyu2024_sharp_classification", "gromov2023_figure_1", "gromov2023_figure_4", "gromov2023_critical_fraction"),
    *(f"pku2024_figure_{number}" for number in range(1, 8)),
    "all of them",
)


def main() -> None:
    """Read results/, write results/published and README.md."""
    results = ROOT / "results"
    built = json.loads((results / "provenance.json").read_text(encoding="utf-8"))
    origin = {key: built[key] for key in ("versions", "commit", "machine")}
    study = load_study(ROOT, stems(ROOT, "papers"), "paper", None)
    judged = json.loads((results / "claims.json").read_text(encoding="utf-8"))
    require_reasons(judged)
    made = dict(recipes(study.default_runs, study.default_analyses, Codebase.at(ROOT), Results(results)))
    require_own_code(made)
    minutes = round(sum(json.loads((results / "runtimes.json").read_text(encoding="utf-8")).values()) / 60, 1)
    text = gallery(study.papers.values(), judged, results, origin["machine"]["processor"])
    files = [*published_files(study, results)]
    about = {**origin, "minutes_on_one_core": minutes, "hashes": hashes_of(study, Results(results))}
    publish(files, results, results / "published", about, text)
    readme = ROOT / "README.md"
    sections = {"claims": f"{summary(judged)} The build takes {minutes:.0f} minutes of one core.",
                "runtime": told(results / "runtime.md")}  # fmt: skip
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


def told(table: Path) -> str:
    """The rows of the runtime table that the README shows."""
    header, rule, *rows = table.read_text(encoding="utf-8").splitlines()
    names = {row.split("|")[1].strip(" `"): row for row in rows if row.startswith("|")}
    return "\n".join([header, rule, *(names[name] for name in TOLD)])


if __name__ == "__main__":
    main()
