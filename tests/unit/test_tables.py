"""Operations and functions whose values are in a CSV file."""

import itertools
import re

import numpy as np
import pytest
import torch

import grokking
from grokking.parts.errors import ConfigError
from grokking.specs.run import RunSpec
from grokking.store.provenance import ROOT
from grokking.store.trajectory import read_trajectory
from grokking.tasks import csv_file
from tests.unit.small_runs import RELU, TOKENS, TRANSFORMER, carry_out, spec

SUM = [[(a + b) % 7 for b in range(7)] for a in range(7)]
POINTS = [(a, b, c, (a * b + c) % 5) for a, b, c in itertools.product(range(5), repeat=3)]


def write(folder, rows, name="t.csv"):
    folder.joinpath(name).write_text("".join(",".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
    return str(folder / name)


def table_run(file, **settings):
    return spec({"name": "table", "file": file, "observed": 0.7, **settings}, RELU, {"name": "adamw", "batch": 8})


def function_run(file, **settings):
    return spec({"name": "function_table", "file": file, "observed": 0.7, **settings}, TRANSFORMER,
                {"name": "adamw", "batch": 8}, learning_rate=0.01)  # fmt: skip


def test_a_table_trains_like_the_operation_that_it_lists(tmp_path):
    runs = [table_run(write(tmp_path, SUM)), spec(TOKENS, RELU, {"name": "adamw", "batch": 8})]
    one, other = (read_trajectory(carry_out(run, tmp_path)) for run in runs)
    assert one.table.equals(other.table)
    assert torch.equal(one.weights, other.weights)


def test_the_table_of_the_recipes_is_s3_and_is_learned(tmp_path, monkeypatch):
    text = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```csv\n(.*?)```", text, re.DOTALL)
    permutations = list(itertools.permutations(range(3)))
    products = [[permutations.index(tuple(a[i] for i in b)) for b in permutations] for a in permutations]
    assert [[int(x) for x in line.split(",")] for line in block.splitlines()] == products
    folder = tmp_path / "config/papers"
    folder.mkdir(parents=True)
    folder.joinpath("s3.csv").write_text(block, encoding="utf-8")
    monkeypatch.setattr(csv_file, "ROOT", tmp_path)
    run = table_run("s3.csv")
    assert run.task.results().tolist() == products
    assert read_trajectory(carry_out(run, tmp_path)).table["train_accuracy"].iloc[-1] == 1


def test_a_function_of_three_numbers_is_learned_by_nets_for_sums(tmp_path):
    shuffled = [POINTS[i] for i in np.random.default_rng(0).permutation(len(POINTS))]
    run, ordered = function_run(write(tmp_path, shuffled)), function_run(write(tmp_path, POINTS, "o.csv"))
    assert (run.task.sizes, run.task.tokens, run.task.train_samples) == ((5, 3), 6, 87)
    data, same = run.task.draw(0), ordered.task.draw(0)
    assert torch.equal(data.operands, same.operands)
    a, b, c = data.operands.T
    assert torch.equal(data.results, (a * b + c) % 5)
    assert torch.equal(data.observed, same.observed)
    assert not torch.equal(data.observed, run.task.draw(1).observed)
    table = read_trajectory(carry_out(run, tmp_path)).table
    assert table["train_loss"].iloc[-1] < 0.8 * table["train_loss"].iloc[0]
    flipped = function_run(run.task.file, flipped=9).task.draw(0)
    assert int((flipped.labels != flipped.results).sum()) == 9


def test_the_numbers_are_in_the_id_and_not_how_the_file_writes_them(tmp_path):
    file = write(tmp_path, SUM)
    first = table_run(file)
    (tmp_path / "t.csv").write_bytes(
        b"\xef\xbb\xbf" + b"\r\n".join(b" , ".join(str(x).encode() for x in row) for row in SUM)
    )
    assert table_run(file).id == first.id
    write(tmp_path, [*SUM[:-1], SUM[0]])
    assert table_run(file).id != first.id
    with pytest.raises(ConfigError, match=r"task: file: '.*t\.csv': has other numbers than the run was planned with"):
        RunSpec.from_mapping(first.to_mapping(), "run")


@pytest.mark.parametrize(
    ("make", "rows", "other"), [(table_run, SUM, [[0, 1], [1, 0]]), (function_run, POINTS, POINTS[1:])]
)
def test_a_file_that_is_edited_after_a_run_was_planned_is_not_trained_on(make, rows, other, tmp_path):
    run = make(write(tmp_path, rows))
    write(tmp_path, other)
    with pytest.raises(ConfigError, match=r"file: '.*t\.csv': has other numbers than the run was planned with"):
        carry_out(run, tmp_path)
    write(tmp_path, rows)
    carry_out(run, tmp_path)


def test_answers_beyond_the_numbers_that_a_record_holds_are_refused(tmp_path):
    numbers = [(i, 32766 + i) for i in range(9)]
    function_run(write(tmp_path, [(i, c - 9) for i, c in numbers]))
    with pytest.raises(ConfigError, match="task function_table with p: 32775: must be at most 32766"):
        function_run(write(tmp_path, numbers))


def test_a_path_is_relative_to_the_papers_the_folder_or_the_repository(tmp_path, monkeypatch):
    root, here = tmp_path / "root", tmp_path / "here"
    (root / "config/papers").mkdir(parents=True)
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(csv_file, "ROOT", root)
    for folder in (root, here, root / "config/papers"):
        write(folder, SUM)
        assert csv_file.path_of("t.csv") == folder / "t.csv"
    assert csv_file.path_of(str(root / "t.csv")) == root / "t.csv"
    run = grokking.run(
        task={"name": "table", "file": "t.csv", "observed": 0.5}, model=RELU, dynamics="gradient_flow",
        learning_rate=0.1, steps=10,
    )  # fmt: skip
    assert run.task.sizes == (7,)


WRONG = {
    "missing": (None, "file: '{file}': no such file; it is absolute, or relative to config/papers/"),
    "empty": ([], "file {file}: is empty"),
    "not square": (SUM[:5], "file {file}: '5 lines of 7 numbers': must be as many lines as columns, at most 3000"),
    "ragged": ([[0, 1], [1]], "file {file}, line 2: '1': must have 2 numbers, like line 1"),
    "negative": (
        [[0, 1], [-1, 0]],
        "file {file}, line 2: '-1': must be an integer of at least 0; the file has no header",
    ),
    "real": ([[0, 1.5], [1, 0]], "file {file}, line 1: '1.5': must be an integer"),
    "header": ([["a", "b"], [0, 1]], "file {file}, line 1: 'a': must be an integer"),
    "hole": ([[0, 1], ["", 0]], "file {file}, line 2: '': must be an integer"),
    "blank line": ([[0, 1], [], [1, 0]], "file {file}, line 2: '': must be an integer"),
    "too large": ([[0, 1], [1, 2]], "file {file}, line 2: 2: must be from 0 to 1: the table has 2 operands"),
}


@pytest.mark.parametrize(("rows", "message"), WRONG.values(), ids=WRONG)
def test_a_table_that_cannot_be_used_is_named_with_its_line(rows, message, tmp_path):
    file = str(tmp_path / "t.csv") if rows is None else write(tmp_path, rows)
    with pytest.raises(ConfigError) as raised:
        table_run(file)
    assert str(raised.value).startswith(f"small run.task: {message.format(file=file)}")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(0, 1, 1), (1, 0, 1), (0, 1, 0)], r"line 3: \[0, 1\]: these operands stand in an earlier line"),
        ([(0,), (1,)], "1 columns of numbers up to 1': must have operands and a value in each line"),
        ([(10**6,) * 4], "p to the power of operands must be at most 2"),
    ],
)
def test_a_function_that_cannot_be_used_is_named_with_its_line(rows, message, tmp_path):
    with pytest.raises(ConfigError, match=message):
        function_run(write(tmp_path, rows))


def test_a_table_that_is_not_of_numbers_modulo_p_goes_into_no_analysis_of_waves(tmp_path):
    from grokking.analyses.nets import modulus

    with pytest.raises(ConfigError, match="must be an operation or a sum modulo p"):
        modulus(table_run(write(tmp_path, SUM)))
