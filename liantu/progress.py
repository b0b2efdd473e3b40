"""Progress: loaders and reports say what they are doing; only the command line shows it.

Used as a library nothing is shown; on a terminal the command line opens `shown`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from liantu.vocabulary import Lang, message

_show: ContextVar[Callable[[str, str], None] | None] = ContextVar("show", default=None)


def step(code: str, value: object = "") -> None:
    """Say that a step begins: a code of ``messages.csv`` and the thing it works on.

    Examples
    --------
    >>> step("step_read", "schools.csv")  # shown only inside `shown`, on a terminal
    """
    show = _show.get()
    if show is not None:
        show(code, str(value))


@contextmanager
def told(show: Callable[[str, str], None]) -> Iterator[None]:
    """Hand every step to a function: its code and the thing it works on.

    Examples
    --------
    >>> with told(lambda code, value: print(code, value)):
    ...     step("step_read", "schools.csv")
    step_read schools.csv
    """
    token = _show.set(show)
    try:
        yield
    finally:
        _show.reset(token)


@contextmanager
def shown(lang: Lang) -> Iterator[None]:
    """Show steps on stderr while it is a terminal; nothing stays on the screen."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.markup import escape

    def show(code: str, value: str) -> None:
        status.update(escape(message(code, lang, {"value": value})))

    with Console(stderr=True).status("") as status, told(show):
        yield
