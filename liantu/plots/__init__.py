"""How charts look and what they are drawn with; which chart an analysis has stands in its file."""

from liantu.plots.style import png, svg

__all__ = ["png", "svg"]
