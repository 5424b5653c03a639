"""`python -m grokking.report.publish`: refresh results/published and the README's numbers from a full build."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from grokking.claims.judge import DIFFERS, FAILS
from grokking.files import write_atomically
from grokking.report.claims import summary
from grokking.report.gallery import TABLES, gallery
from grokking.report.published import publish
from grokking.report.readme import fill
from grokking.store.provenance import ROOT
from grokking.study.load import load_study, stems
from grokking.study.study import Study

FILES = ("claims.json", "claims.md", "provenance.json", "runtimes.json", "memory.json", *TABLES.values())
SUFFIXES = ("svg", "png", "csv")
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
    minutes = round(sum(json.loads((results / "runtimes.json").read_text(encoding="utf-8")).values()) / 60, 1)
    text = gallery(study.papers.values(), judged, results, origin["machine"]["processor"])
    files = [*published_files(study, results)]
    publish(files, results, results / "published", {**origin, "minutes_on_one_core": minutes}, text)
    readme = ROOT / "README.md"
    sections = {"claims": f"{summary(judged)} The build takes {minutes:.0f} minutes of one core.",
                "runtime": told(results / "runtime.md")}  # fmt: skip
    write_atomically(readme, fill(readme.read_text(encoding="utf-8"), sections).encode())


def require_reasons(judged: Iterable[Mapping[str, Any]]) -> None:
    """Exit, naming them, if claims fail without a reason: a known difference is published with what is known of it."""
    failing = [one["id"] for one in judged if one["verdict"] in (DIFFERS, FAILS) and not one.get("reason")]
    if failing:
        sys.exit(f"publish: these claims fail and config/claims/ gives no reason: {', '.join(failing)}")


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
