"""Pictures for a screen, of half the file size of the figure's PNG."""

import base64
import io
from pathlib import Path

from PIL import Image

from grokking.figures.render import with_palette

COLORS = 128


def webp(file: Path) -> bytes:
    """A PNG as WebP with 128 colours; no colour is off by more than a tenth."""
    buffer = io.BytesIO()
    picture = with_palette(Image.open(file), COLORS).convert("RGB")
    picture.save(buffer, "webp", lossless=True, method=6)
    return buffer.getvalue()


def address(file: Path) -> str:
    """A PNG as a data URL, so that a page works offline."""
    return f"data:image/webp;base64,{base64.b64encode(webp(file)).decode()}"
