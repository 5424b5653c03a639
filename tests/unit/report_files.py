"""Small files and tables of a build for the tests of reports, and Markdown tables read back."""

import numpy as np
import pandas as pd


def cells(text):
    """The rows of the first table in Markdown, the header included."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[one.strip() for one in line.strip("|").split(" | ")] for line in lines]


def by_header(text):
    header, *rows = cells(text)
    return [dict(zip(header, row, strict=True)) for row in rows]


def benchmark_file(path, seconds, mebibytes, repeats=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = f"{seconds}\t-\t{mebibytes}\n" * repeats
    path.write_text(f"s\th:m:s\tmax_rss\n{rows}", encoding="utf-8")
    return path


def table_of(steps, evaluations, accuracy, **more):
    return pd.DataFrame({"step": steps, "time": 0.1 * np.array(steps), "evaluations": evaluations,
                         "test_accuracy": accuracy, **more})  # fmt: skip


class NamedFiles(list):
    """The files of a job, some by name, as Snakemake hands them to a script."""

    def __init__(self, **named):
        super().__init__(named.values())
        self.__dict__.update(named)
