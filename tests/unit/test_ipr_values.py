"""The table of transforms."""

import pandas as pd

from grokking.report.ipr_values import ipr_values


def test_one_row_per_transform():
    values = pd.DataFrame(
        {"transform": ["block_rfft", "joint_fft"] * 2, "exact": [1, 0.25] * 2, "random": [0.1, 0.05] * 2}
    )
    rows = ipr_values(values).splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert cells == [["block, rfft", "1", "0.1"], ["joint, fft", "0.25", "0.05"]]
