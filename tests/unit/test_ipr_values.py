"""The table of transforms."""

import pandas as pd

from grokking.report.ipr_values import table


def test_one_row_per_transform():
    readings = {"transform": ["block_rfft", "joint_fft", None], "exact": [1, 0.25, None], "random": [0.1, 0.05, None]}
    values = pd.concat([pd.DataFrame(readings)] * 2)  # of two seeds, and rows that are of runs
    rows = table(values).splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert cells == [["block, rfft", "1", "0.1"], ["joint, fft", "0.25", "0.05"]]
