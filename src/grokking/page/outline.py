"""The order of the page: papers, their figures, and the claims shown with each figure."""

from collections.abc import Container, Mapping, Sequence

from grokking.claims.claim import CHECK, Claim
from grokking.figures.kinds import kinds
from grokking.page.parts import Outline
from grokking.study.claims import claims_file
from grokking.study.config import Figure
from grokking.study.marks import marks_of
from grokking.study.sources import sources_of
from grokking.study.study import Paper, Study


def outline(study: Study) -> list[Outline]:
    """One entry per paper, of JSON types only, because the outline is a parameter of a job."""
    return [paper_of(study, paper) for paper in study.papers.values()]


def restricted(papers: Sequence[Outline], judged: Container[str], drawn: Container[tuple[str, str]]) -> list[Outline]:
    """Return an outline without claims that are not `judged` and figures that are not `drawn`.

    Both may be newer than a published build. `drawn` has paper and name of each figure. The claims
    of a figure that is left out stand with the paper's; a paper without anything is left out.
    """

    def known(ids: Sequence[str]) -> list[str]:
        return [id for id in ids if id in judged]

    shown = []
    for paper in papers:
        there = [one for one in paper["figures"] if (paper["name"], one["name"]) in drawn]
        others = [id for one in paper["figures"] if one not in there for id in one["claims"]]
        figures = [one | {"claims": known(one["claims"])} for one in there]
        claims = {"claims": known([*paper["claims"], *others]), "checks": known(paper["checks"])}
        shown.append(paper | claims | {"figures": figures})
    return [paper for paper in shown if paper["figures"] or paper["claims"] or paper["checks"]]


def lacking(papers: Sequence[Outline], drawn: Container[tuple[str, str]]) -> str:
    """Return a sentence that names the figures of an outline that are not `drawn` (paper and name of each), or ""."""
    missing = []
    for paper in papers:
        names = [figure["name"] for figure in paper["figures"]]
        others = [name for name in names if (paper["name"], name) not in drawn]
        if others:
            which = "all figures" if others == names else ", ".join(others).replace("_", " ")
            missing.append(f"{which} of {paper['title']}")
    return f"Not published yet: {'; '.join(missing)}." if missing else ""


def paper_of(study: Study, paper: Paper) -> Outline:
    """A paper with its figures. A claim is shown with its `owner`, or else with the paper.

    Checks of the code are a group of their own.
    """
    figures = [figure for figure in paper.figures.values() if not figure.on_demand]
    owners = {claim.id: owner(claim.experiments, figures) for claim in paper.claims if claim.kind != CHECK}
    return {
        "name": paper.name,
        "title": paper.title,
        "figures": [
            figure_of(study, figure, [id for id, name in owners.items() if name == figure.name]) for figure in figures
        ],
        "claims": [id for id, name in owners.items() if not name],
        "checks": [claim.id for claim in paper.claims if claim.kind == CHECK],
        "file": claims_file(paper.name),
        "lines": {claim.id: claim.line for claim in paper.claims},
        "results": {claim.id: results_behind(study, paper.name, claim) for claim in paper.claims},
    }


def results_behind(study: Study, paper: str, claim: Claim) -> dict[str, list[str]]:
    """The folders of the runs or analyses that a claim is judged on, by experiment.

    Those of sweeps, hundreds of runs, are left out.
    """
    folders: dict[str, list[str]] = {}
    for source in sources_of(study, paper, claim.experiments):
        made = [f"analyses/{source.analysis}"] if source.analysis else [f"runs/{run}" for run in source.runs]
        folders.setdefault(source.experiment, []).extend(made if len(made) == 1 else ())
    return folders


def address_of_code(environment: Mapping[str, str]) -> str:
    """Return the address of the repository at this commit, as GitHub's workflows know it, or ""."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA")
    if not all(environment.get(name) for name in names):
        return ""
    server, repository, commit = (environment[name] for name in names)
    return f"{server}/{repository}/blob/{commit}"


def owner(experiments: Sequence[str], figures: Sequence[Figure]) -> str:
    """The first figure that shows most of the experiments, or "" if no figure shows any."""
    shown = {figure.name: len(set(experiments) & set(figure.experiments)) for figure in figures}
    return max(shown, key=lambda name: shown[name]) if any(shown.values()) else ""


def figure_of(study: Study, figure: Figure, claims: Sequence[str]) -> Outline:
    """A figure with its texts, and the paper's values if the sizes are the paper's."""
    return {
        "name": figure.name,
        "target": figure.target,
        "title": figure.title,
        "caption": figure.caption,
        "deviations": list(figure.deviations),
        "added": figure.added,
        "labels": dict(figure.labels),
        "has_table": bool(kinds()[figure.kind].table),
        "claims": list(claims),
        "marks": marks_of(study, figure),
    }
