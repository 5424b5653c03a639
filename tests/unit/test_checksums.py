"""Files of a build that were edited are named, not read; and every script looks."""

import re
import subprocess

import pytest

from grokking.failures import DamagedResult
from grokking.store.checksums import require_unchanged, write_checksums
from grokking.store.provenance import ROOT

RULES = [
    rule
    for file in sorted((ROOT / "workflow/rules").glob("*.smk"))
    for rule in re.split(r"^rule ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    if "script:" in rule
]
WRITTEN = re.compile(r'"((?:\{out\}|results)/[\w{}/]+)\.(\w+)"')  # files of a build, without logs and benchmarks
UNREAD = {("results/accepted", "txt")}  # a list of targets for Snakemake
READ = re.compile(r"\{(out|OUT)\}/|results/|report_files|compared_files")


def part(rule, name):
    """A rule's `input:` or `output:`."""
    match = re.search(rf"^    {name}:\n((?:        .*\n)+)", rule, re.MULTILINE)
    return match[1] if match else ""


def script_of(rule):
    return (ROOT / "workflow/scripts" / re.search(r'scripts/(\w+\.py)"', rule)[1]).read_text(encoding="utf-8")


def test_each_file_of_a_build_has_a_checksum_that_its_job_writes():
    checked = 0
    for rule in RULES:
        files = set(WRITTEN.findall(part(rule, "output"))) - UNREAD
        stems = {stem for stem, suffix in files}
        assert stems == {stem for stem, suffix in files if suffix == "sha256"}, rule
        assert bool(files) == ("write_checksums(" in script_of(rule)), rule
        checked += len(stems)
    assert checked >= 12


def test_each_job_that_reads_files_of_a_build_looks_whether_they_are_whole():
    readers = [rule for rule in RULES if READ.search(part(rule, "input"))]
    published = [rule for rule in readers if "    verify(published)" in script_of(rule)]  # against its manifest
    assert [rule.split(":")[0] for rule in published] == ["page"]
    readers = [rule for rule in readers if rule not in published]
    assert {rule.split(":")[0] for rule in readers} == {"claims", "tabulate_figure", "draw_page", "compare", "check"}
    for rule in readers:
        assert "    require_unchanged(" in script_of(rule), rule


@pytest.fixture
def outputs(tmp_path):
    """What a job has written: two files with a stem, one with another."""
    files = [tmp_path / name for name in ("one.csv", "one.svg", "two.md", "one.sha256", "two.sha256")]
    for file in files[:3]:
        file.write_text(f"{file.name}\n", encoding="utf-8")
    write_checksums(files)
    return files


def test_whole_files_are_read_and_sha256sum_agrees(outputs):
    require_unchanged(outputs[:3])
    for sums in outputs[3:]:
        subprocess.run(["sha256sum", "--check", "--strict", sums.name], cwd=sums.parent, check=True)


@pytest.mark.parametrize("content", [b"", b"one.cs", b"one.csv\r\n", b"\xff", None])
def test_an_edited_a_cut_and_a_missing_file_are_named_with_the_cure(content, outputs):
    outputs[0].write_bytes(content) if content is not None else outputs[0].unlink()
    require_unchanged(outputs[1:3])
    said = r"one\.csv was truncated or modified after it was written: delete it and call snakemake again$"
    with pytest.raises(DamagedResult, match=said):
        require_unchanged(outputs[:3])


@pytest.mark.parametrize("content", [b"", b"0" * 64 + b"  two.md\n", b"\xff\xfe", None])
def test_a_file_whose_checksum_was_edited_or_deleted_is_not_read(content, outputs):
    outputs[4].write_bytes(content) if content is not None else outputs[4].unlink()
    with pytest.raises(DamagedResult, match=r"two\.md was truncated or modified"):
        require_unchanged(outputs[:3])


def test_the_checksum_of_one_file_vouches_for_no_other(outputs):
    outputs[1].write_bytes(outputs[0].read_bytes())
    with pytest.raises(DamagedResult, match=r"one\.svg"):
        require_unchanged(outputs[:3])
