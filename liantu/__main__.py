"""The process: ``liantu`` and ``python -m liantu``."""

from __future__ import annotations

import os
import sys

from liantu import interrupt


def run() -> int:
    """Run the command line; Ctrl-C ends it with one line, also while it is still being loaded."""
    try:
        interrupt.listen()
        from liantu.cli import main

        return main()
    except Exception:
        if not interrupt.seen():
            raise
    except KeyboardInterrupt:
        pass
    finally:
        interrupt.ignore()
    from liantu.vocabulary import language, message

    print(message("interrupted", language(sys.argv[1:], os.environ)), file=sys.stderr)
    return 130


if __name__ == "__main__":
    raise SystemExit(run())
