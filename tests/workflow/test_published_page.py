"""The page of what is published: drawn from it alone, and refused if older code made it."""

import html
import json

import pytest

from grokking.files import write_json
from grokking.page.contents import TABLES
from grokking.report.published import write_manifest
from grokking.store.provenance import ROOT
from grokking.study.load import load_study
from publish.folder import publish
from tests.workflow.conftest import jobs, snakemake

pytestmark = pytest.mark.workflow
PAPER = "gromov2023"


@pytest.fixture
def published(smoke, copy):
    """A copy without any result, in which the figures of one paper of the smoke preset are published."""
    built = smoke / "results/smoke"
    study = load_study(ROOT, [PAPER], "smoke", None)
    files = [
        built / name for name in ("claims.json", "provenance.json", "runtimes.json", "memory.json", *TABLES.values())
    ]
    for figure in study.default_figures.values():
        files += [built / f"figures/{PAPER}/{figure.name}.{suffix}" for suffix in ("png", "csv")]
        files += (built / f"tables/{PAPER}").glob(f"{figure.name}.md")
    origin = {
        key: json.loads((built / "provenance.json").read_text(encoding="utf-8"))[key] for key in ("commit", "machine")
    }
    folder = copy / "results/published"
    publish([file for file in files if file.exists()], built, folder, {**origin, "hashes": {}}, "")
    return copy


def test_the_published_page_needs_no_training(published):
    assert set(jobs(snakemake(published, "-n", "page"))) == {"redraw_published", "page"}
    done = snakemake(published, "--cores", "2", "page")
    assert done.returncode == 0, done.stderr[-2000:]
    names = {figure.name for figure in load_study(ROOT, [PAPER], "paper", None).default_figures.values()}
    drawn = published / f"results/page/figures/{PAPER}"
    assert {file.name for file in drawn.glob("[!.]*")} == {
        f"{n}.{end}" for n in names for end in ("svg", "png", "pdf", "csv")
    }
    page = (published / "results/page/report.html").read_text(encoding="utf-8")
    assert page.count('<img src="data:image/svg+xml;base64,') == len(names)
    assert f'id="{PAPER}.fig1.grokked"' in page
    others = load_study(ROOT, ["lyu2024", "pku2024"], "paper", None).papers.values()
    lacking = "; ".join(f"all figures of {paper.title}" for paper in others)
    assert f"<p>Not published yet: {html.escape(lacking)}.</p>" in page
    assert 'id="lyu2024.fig2a.test_50"' in page  # as a claim without a figure
    assert (published / "results/page/provenance.json").exists()


def test_what_older_code_has_published_is_not_shown(copy):
    """Nor is anything drawn before that is said."""
    refused(copy, "nothing is there")
    folder = copy / "results/published"
    for name, content in {"claims": [{"verdict": "holds"}], "runtimes": {}, "memory": {}}.items():
        write_json(folder / f"{name}.json", content)
    write_manifest(folder, {}, ["claims.json", "runtimes.json", "memory.json"])
    refused(copy, "older code made it")


def refused(folder, why):
    done = snakemake(folder, "--cores", "1", "page")
    assert done.returncode != 0
    assert f"results/published cannot be shown, because {why}: `make publish`" in done.stdout + done.stderr
    assert (done.stdout + done.stderr).count("error:") == 1
    assert not (folder / "results/page").exists()
