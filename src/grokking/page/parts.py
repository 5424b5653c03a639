"""The type of the page's outline."""

from typing import Any

Outline = dict[str, Any]  # a paper or a figure, its texts and its parts, of JSON types
