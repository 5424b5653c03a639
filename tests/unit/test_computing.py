"""From Python a run has the bytes of the workflow's, whatever is set; and what was set comes back."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

import grokking
from grokking import arithmetic
from grokking.failures import Divergence
from grokking.kernels import portable
from grokking.kernels.computing import ALONE, FLUSHING, SETTINGS, computing
from grokking.store.hashes import hashes
from tests.portable.__main__ import FILE
from tests.unit.small_runs import KINDS

EXPECTED = json.loads(FILE.read_text(encoding="utf-8"))
portable_only = pytest.mark.skipif(arithmetic.kind() != "portable", reason="native arithmetic")


def trained(folder, *names):
    """Train from Python; the hashes of the results by name."""
    for name in names:
        grokking.train(KINDS[name], folder, progress=False)
    return {name: hashes(Path(folder, "runs", KINDS[name].id)) for name in names}


def expected(names):
    return {name: EXPECTED[f"run: {name}"] for name in names}


def set_strangely():
    """Every setting of torch and numpy that a notebook may have made, each away from its default."""
    torch.set_num_threads(2)
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    torch.set_flush_denormal(False)
    torch.set_float32_matmul_precision("medium")
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.set_grad_enabled(False)
    np.seterr(all="raise")


def state():
    """What is set now, and where the shared generators stand."""
    modes = (torch.get_default_device(), torch.is_grad_enabled(), torch.is_inference_mode_enabled())
    drawn = (torch.get_rng_state().tolist(), str(np.random.get_state()))
    return [setting.read() for setting in (*SETTINGS, FLUSHING)], modes, np.geterr(), portable.active, drawn


@pytest.fixture
def strange():
    """The process of a user with unusual settings; the usual ones afterwards."""
    with computing():
        errors = np.geterr()
        set_strangely()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            yield
        torch.set_default_device(None)
        torch.set_float32_matmul_precision("highest")
        np.seterr(**errors)


@portable_only
def test_no_setting_moves_a_byte_and_all_come_back(tmp_path, strange):
    names = ("wide", "filtered", "batch_norm", "mlp")  # with batch_norm gradients are automatic
    with torch.inference_mode(), torch.device("meta"):
        before = state()
        found = trained(tmp_path, *names)
        assert state() == before
    assert found == expected(names)


def test_settings_come_back_after_an_error(tmp_path, strange):
    before = state()
    values = {**KINDS["diverged"].to_mapping(), "may_diverge": False}
    with pytest.raises(Divergence):
        grokking.train(grokking.run(**values), tmp_path, progress=False)
    assert state() == before


@pytest.mark.parametrize("denormal", [True, False])
def test_whether_denormals_are_flushed_comes_back(tmp_path, denormal):
    before = FLUSHING.read()
    torch.set_flush_denormal(denormal)
    grokking.train(KINDS["mlp"], tmp_path, progress=False)
    assert FLUSHING.read() is denormal
    torch.set_flush_denormal(before)


def test_threads_take_turns():
    """The first that ends would else take the portable kernels from the others."""
    with computing(), ThreadPoolExecutor(1) as pool:
        assert not pool.submit(ALONE.acquire, blocking=False).result()
