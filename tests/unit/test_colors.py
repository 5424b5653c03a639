"""The colours of figures can be told apart by readers with normal, deuteranopic and protanopic sight."""

from itertools import combinations

import numpy as np
import pytest

from grokking.figures.style import COLORS, EARLY, LATE, NORM, TEST, TRAIN, TRUTH

# Machado, Oliveira, Fernandes 2009, severity 1: on linear RGB.
SIGHTS = {
    "normal": np.eye(3),
    "deuteranopic": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "protanopic": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
)
WHITE = np.array([0.95047, 1, 1.08883])


def lab(color, sight):
    """The CIELAB coordinates of an sRGB colour as someone sees it."""
    rgb = np.asarray(color)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(np.array(SIGHTS[sight]) @ linear, 0, 1) / WHITE
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(first, second, sight):
    """ΔE of 1976."""
    return float(np.linalg.norm(lab(first, sight) - lab(second, sight)))


def test_the_difference_of_black_and_white_is_100():
    assert difference((0, 0, 0), (1, 1, 1), "normal") == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize("sight", SIGHTS)
def test_colours_are_apart_and_those_with_a_name_far_apart(sight):
    named = (TRAIN, TEST, NORM, EARLY, LATE, TRUTH)
    assert min(difference(*pair, sight) for pair in combinations(COLORS, 2)) >= 17.5
    assert min(difference(*pair, sight) for pair in combinations(named, 2)) >= 26.5


def test_no_colour_is_too_pale_for_paper():
    assert max(lab(color, "normal")[0] for color in COLORS) <= 82
