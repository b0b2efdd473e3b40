"""One run of the command line: streams, errors, exit code."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence

import click
from click.shell_completion import shell_complete

from liantu import interrupt
from liantu.addresses import harmless, secrets_of
from liantu.cli.app import app
from liantu.cli.help import Group, usage_line
from liantu.cli.session import Session
from liantu.errors import LiantuError, OptionError, Problem
from liantu.vocabulary import language

_COMPLETE = "_LIANTU_COMPLETE"


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``liantu`` and return its exit code.

    Parameters
    ----------
    argv
        The arguments; those of the process by default.

    Returns
    -------
    int
        0 done; 1 the data or the request cannot be served; 2 wrong usage; 3 a claim fails or is
        contradicted (``audit --strict``); 130 interrupted.
    """
    args = list(sys.argv[1:] if argv is None else argv)
    session = Session(language(args, os.environ), secrets=secrets_of(args))
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed, or started without a console
            setattr(sys, name, io.StringIO())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a GBK console must not end the run
            stream.reconfigure(errors="replace")
    group = app(session.lang)
    if _COMPLETE in os.environ:
        return shell_complete(group, {"obj": session}, "liantu", _COMPLETE, os.environ[_COMPLETE])
    try:
        return _run(group, args, session)
    except BrokenPipeError:
        # The reader has seen enough; the flush at exit must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(group: Group, args: list[str], session: Session) -> int:
    try:
        with group.make_context("liantu", args, obj=session) as context:
            group.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        session.tell(usage_line(error, session.lang), "error")
        return 2
    except BrokenPipeError:
        raise
    except (KeyboardInterrupt, click.Abort):
        return _interrupted(session)
    except Exception as error:  # the last resort: one clear line instead of a traceback
        if interrupt.seen():  # a library made an error of it
            return _interrupted(session)
        if session.debug:
            sys.stderr.write(harmless(traceback.format_exc(), session.secrets))
        session.tell_problems(_problems(error))
        return 2 if isinstance(error, OptionError) else 1
    return 0


def _interrupted(session: Session) -> int:
    interrupt.ignore()
    session.tell(session.say("interrupted"))
    return 130


def _problems(error: Exception) -> tuple[Problem, ...]:
    """Return what an error says; one that is not ours names the system or itself."""
    if isinstance(error, LiantuError):
        return error.problems
    if isinstance(error, OSError) and error.filename is not None:
        params = {"reason": error.strerror or type(error).__name__}
        return (Problem("error", "system_error", value=str(error.filename), params=params),)
    if isinstance(error, OSError):  # files name themselves: this is the stream
        params = {"reason": error.strerror or type(error).__name__}
        return (Problem("error", "output_failed", value="stdout", params=params),)
    text = f"{type(error).__name__}: {error}"
    return (Problem("error", "internal_error", value=" ".join(text.split())[:200]),)
