"""What analyses are made of: results, their registry, sections of a report as data."""

from liantu.results.core import Analysis, Parameter, Result, analysis, find, registry

__all__ = ["Analysis", "Parameter", "Result", "analysis", "find", "registry"]
