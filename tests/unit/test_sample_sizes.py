"""The table of Appendix E."""

import pandas as pd

from grokking.report.sample_sizes import table


def test_one_row_per_size_with_the_range_over_the_seeds():
    base = {"d": 100, "k": 3, "scale": 41.4, "n_promised_0.1": 1e5, "n_promised_0.01": 1e7, "n_at_0.1": 30.0}
    seeds = pd.DataFrame([{**base, "n_at_0.1": n, "n_at_0.01": 50.0} for n in (30.0, 20.0, 40.0)])
    lines = table(seeds.assign(experiment="l1")).splitlines()
    header, row = ([cell.strip() for cell in lines[i].strip("|").split("|")] for i in (2, -1))
    assert header[6:] == ["n for error 1%", "range over seeds", "promised by the bound"]
    assert row[6:] == ["50", "50 … 50", "1e+07"]
    assert lines[0] == "## l1"
    assert len(lines) == 5
    assert dict(zip(header[:6], row[:6], strict=True)) == {
        "d": "100", "k": "3", "theory's scale": "41.4", "n for error 10%": "30", "range over seeds": "20 … 40",
        "promised by the bound": "1e+05",
    }  # fmt: skip


def test_a_size_is_the_median_over_the_seeds():
    base = {"experiment": "l2", "d": 10, "k": 2, "scale": 20.0, "n_promised_0.1": 9.0}
    lines = table(pd.DataFrame([{**base, "n_at_0.1": n} for n in (20.0, 30.0, 91.0)])).splitlines()
    assert [cell.strip() for cell in lines[-1].strip("|").split("|")] == ["10", "2", "20", "30", "20 … 91", "9"]
