"""Ctrl-C, wherever it comes: in the middle of an import, in a destructor, in compiled code.

Python raises `KeyboardInterrupt` wherever it happens to be. A library may turn that into an error
of its own, and in a destructor it is printed and lost. So the process remembers that it was asked.
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from types import FrameType
from typing import Any

_state = {"listening": False, "seen": False}


def listen() -> None:
    """From now on remember an interrupt; for a process that is the command line, not a library."""
    _state.update(listening=True, seen=False)
    signal.signal(signal.SIGINT, _stop)
    sys.unraisablehook = _lost


def seen() -> bool:
    """Return whether the process was interrupted since it listens."""
    return _state["seen"]


def ignore() -> None:
    """Let no further interrupt disturb the last words of a process that listens."""
    if _state["listening"]:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _stop(_number: int, _frame: FrameType | None) -> None:
    _state["seen"] = True
    raise KeyboardInterrupt


def _lost(what: Any) -> None:
    """Interrupt again where an interrupt was lost; be silent about what else came of it."""
    if isinstance(what.exc_value, KeyboardInterrupt):
        again = threading.Timer(0.05, _thread.interrupt_main)  # here it would be lost again
        again.daemon = True
        again.start()
    elif not seen():
        sys.__unraisablehook__(what)
