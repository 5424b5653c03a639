"""What the page is made of."""

from typing import Any

Outline = dict[str, Any]  # of a paper or a figure: what is said of it and what is below it, as JSON knows it
