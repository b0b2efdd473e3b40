"""The report: one self-contained page, or Markdown, for a planner."""

from liantu.reports.picture import network_picture
from liantu.reports.write import render, write_report

__all__ = ["network_picture", "render", "write_report"]
