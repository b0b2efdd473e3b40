"""The report: one self-contained page, or Markdown, for a planner."""

from liantu.reports.write import render, write_report

__all__ = ["render", "write_report"]
