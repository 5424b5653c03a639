"""What figures of several optimisers share: their names and colours."""

from grokking.figures.style import COLORS

OPTIMIZERS = {
    "gradient_flow": ("GD", COLORS[0]),
    "gradient_descent": ("GD (literal)", COLORS[9]),
    "momentum": ("GD + momentum", COLORS[2]),
    "adamw": ("AdamW", COLORS[1]),
}
CLOSED_FORM = COLORS[4]
