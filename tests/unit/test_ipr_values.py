"""The table of transforms."""

from grokking.analyses.ipr_values import IPRValues
from grokking.measures.ipr import TRANSFORMS
from grokking.report.ipr_values import ipr_values


def test_one_row_per_transform():
    rows = ipr_values(IPRValues(p=11, width=10).table(0)).splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert [transform for transform, _, _ in cells] == [name.replace("_", ", ") for name in TRANSFORMS]
    assert [float(exact) for _, exact, _ in cells] == [1, 0.5, 0.5, 0.25]
