"""One question, one file. See ``CONTRIBUTING.md`` for how to add an analysis."""
