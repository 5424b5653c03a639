"""Unit tests compute as jobs do: on one thread, with portable arithmetic."""

import pytest

from grokking.kernels.computing import computing


@pytest.fixture(autouse=True, scope="session")
def as_in_a_job():
    with computing():
        yield
