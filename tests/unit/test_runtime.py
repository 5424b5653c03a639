"""The table of minutes and memory."""

from grokking.report.runtime import HEADER, runtime_table


def test_shared_jobs_count_once_in_the_last_row(tmp_path):
    files = []
    for name, seconds, memory in (("a", 60, 1024), ("b", 120, 2048), ("c", 30, 512)):
        file = tmp_path / f"{name}.tsv"
        file.write_text(f"s\th:m:s\tmax_rss\n{seconds}\t-\t{memory}\n")
        files.append(str(file))
    lines = runtime_table({"one": files[:2], "two": files[1:]}).splitlines()[2:]
    rows = [dict(zip(HEADER, (cell.strip() for cell in line.strip("|").split("|")), strict=True)) for line in lines]
    assert [row["minutes on one core"] for row in rows] == ["3", "2.5", "3.5"]
    assert [row["peak memory of a job (GiB)"] for row in rows] == ["2", "2", "2"]
    assert rows[-1] == {**rows[-1], "target": "all of them", "jobs": "3", "longest job (s)": "120"}
