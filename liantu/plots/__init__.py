"""Charts of results and the picture of a network, as matplotlib figures and as SVG."""

from liantu.plots.charts import plot
from liantu.plots.picture import network_picture
from liantu.plots.style import svg

__all__ = ["network_picture", "plot", "svg"]
