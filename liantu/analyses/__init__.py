"""One question, one file. See ``CONTRIBUTING.md`` for how to add an analysis."""

from liantu.analyses._core import Analysis, Parameter, Result, analysis, find, registry

__all__ = ["Analysis", "Parameter", "Result", "analysis", "find", "registry"]
