"""``python -m liantu``: the command line."""

from liantu.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
