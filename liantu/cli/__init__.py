"""The command line: ``liantu`` and ``python -m liantu``."""

from liantu.cli.main import main

__all__ = ["main"]
