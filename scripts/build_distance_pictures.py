"""Draw the chart of distances, that of access and the map of the demo for the how-to.

``python scripts/build_distance_pictures.py`` writes ``docs/how-to/distance/``.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

import liantu
from liantu.plots.style import png
from liantu.reports import network_picture
from liantu.vocabulary import Lang

FOLDER = Path(__file__).parents[1] / "docs" / "how-to" / "distance"
DPI = 110


def main() -> None:
    """Write the pictures in both languages."""
    FOLDER.mkdir(exist_ok=True)
    network = liantu.read("case:demo").without_teacher_names()
    languages: tuple[Lang, ...] = ("en", "zh")
    for lang in languages:
        figures = {
            "distance": liantu.distance(network).plot(lang),
            "access": liantu.access(network).plot(lang),
            "map": network_picture(network, shape="map", lang=lang),
        }
        for name, figure in figures.items():
            drawn = Image.open(io.BytesIO(png(figure, DPI)[0])).convert("RGB")
            drawn.quantize(48).save(FOLDER / f"{name}.{lang}.png", optimize=True)


if __name__ == "__main__":
    main()
