"""The report: findings on one page, the reader's questions, annexes; for a planner."""

from liantu.reports.composition import compose
from liantu.reports.picture import network_picture
from liantu.reports.write import render, write_report

__all__ = ["compose", "network_picture", "render", "write_report"]
