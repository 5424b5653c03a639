"""The README's tables are generated, never typed: each stands between two marks that name it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from grokking.report.claims import ours, show, summary
from grokking.report.tables import markdown


def fill(readme: str, sections: Mapping[str, str]) -> str:
    """`readme` with the text between `<!-- name -->` and `<!-- /name -->` replaced by each section.

    Raises `KeyError` for a section that the README has no marks for.
    """
    for name, content in sections.items():
        found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", readme, re.DOTALL)
        if not found:
            raise KeyError(f"README.md has no marks <!-- {name} --> … <!-- /{name} -->")
        readme = f"{readme[: found.start(1)]}{content.strip()}\n{readme[found.end(1) :]}"
    return readme


def claims_section(judged: Sequence[Mapping[str, Any]]) -> str:
    """The claims, one line each; the full table with rules is in results/claims.md."""
    rows = [
        [
            f"`{one['id']}`",
            one["statement"],
            "–" if one["paper"] is None else show(one["paper"]),
            ours(one["ours"]),
            one["verdict"] if one["verdict"] != "differs" else "**differs**",
        ]
        for one in judged
    ]
    table = markdown(["claim", "statement", "paper", "ours: median (range)", "verdict"], rows)
    reasons = [f"* `{one['id']}`: {one['reason']}" for one in judged if one.get("reason")]
    return "\n".join([summary(judged), "", table, *reasons])


def figures_section(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Each figure with its title, caption and deviations from the paper."""
    parts = []
    for name, figure in figures.items():
        parts += [
            f"### {figure['title']}\n",
            f"`snakemake --cores 2 {name}`\n",
            f"![{figure['title']}](results/published/figures/{name}.png)\n",
            f"{figure['caption']}\n",
            "Deviations from the paper:\n",
            *(f"* {deviation}" for deviation in figure["deviations"]),
            "",
        ]
    return "\n".join(parts)
