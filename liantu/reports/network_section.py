"""The pictures of the network: who supports whom, and where the schools lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from liantu.errors import Message
from liantu.reports.boundaries import Boundaries, told
from liantu.reports.places import located
from liantu.results.asked import Asked
from liantu.results.blocks import Block, Picture, Section, Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Shape = Literal["alliances", "map", "regions"]
MANY = 300  # schools from which one picture of all is a hairball


def network_section(asked: Asked, boundaries: Boundaries | None) -> list[Section]:
    """Return the picture of groups and a map, or of many schools a panel a region."""
    coverage, opened = asked.result("coverage"), asked.network.open_schools(asked.day)
    if coverage is None or not opened.any():
        return []
    blocks: list[Block] = [Text(asked.tell("picture_words"))]
    shapes: tuple[Shape, ...] = ("alliances",)
    if located(asked.network).any():
        shapes = ("alliances", "map")
    if opened.sum() > MANY and len(coverage.tables["by_region"]) > 1:
        shapes = ("regions",)
    for shape in shapes:
        title, figures = asked.say(f"picture_{shape}"), coverage.summary
        if shape == "map" or (shape == "regions" and located(asked.network).any()):
            note = told(boundaries, asked.lang)
            title = Message("picture_noted", {"title": title, "note": note}).text(asked.lang)
        counts = {key: figures[key] for key in ("covered", "in_scope", "uncovered")}
        alt = asked.tell(f"picture_{shape}_alt", **counts)
        blocks.append(Picture(title, _drawn(asked, shape, boundaries), alt, needed=True))
    return [Section("network", asked.say("picture"), tuple(blocks))]


def _drawn(asked: Asked, shape: Shape, boundaries: Boundaries | None) -> Callable[[], Figure]:
    def draw() -> Figure:
        from liantu.reports.picture import network_picture

        return network_picture(
            asked.network,
            as_of=asked.day,
            coverage=asked.result("coverage"),
            shape=shape,
            lang=asked.lang,
            boundaries=boundaries,
        )

    return draw
