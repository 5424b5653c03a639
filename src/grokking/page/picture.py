"""Pictures for a screen: a figure's SVG on the page, a small bitmap in the repository."""

import base64
import io
import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from grokking.figures.render import with_palette

COLORS = 128
BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
PIXELS = 4 / 3  # of a point, in CSS


@dataclass(frozen=True)
class Picture:
    """An SVG as a data URL, so that a page works offline, with its size in pixels.

    A browser that knows the size leaves room for a picture before it is loaded; links into the page
    then land where they should.
    """

    address: str
    width: int
    height: int


def picture(file: Path) -> Picture:
    """Return the picture of an SVG that `grokking.figures.render` wrote."""
    content = file.read_text(encoding="utf-8")
    match = BOX.search(content)
    if not match:
        raise ValueError(f"{file}: an SVG without a viewBox that begins at 0 0")
    width, height = (round(float(points) * PIXELS) for points in match.groups())
    return Picture(f"data:image/svg+xml;base64,{base64.b64encode(content.encode()).decode()}", width, height)


def webp(file: Path) -> bytes:
    """A PNG as WebP with 128 colours; no colour is off by more than a tenth."""
    buffer = io.BytesIO()
    small = with_palette(Image.open(file), COLORS).convert("RGB")
    small.save(buffer, "webp", lossless=True, method=6)
    return buffer.getvalue()
