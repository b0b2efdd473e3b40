"""The door: ``liantu`` and ``python -m liantu``; streams, errors, exit code."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click
from click.shell_completion import shell_complete

from liantu import interrupt
from liantu.addresses import harmless, secrets_of
from liantu.commands import command_names, command_of
from liantu.commands._help import Command, Context, usage_line
from liantu.commands._options import everywhere
from liantu.commands._session import Session
from liantu.errors import LiantuError, OptionError, Problem
from liantu.vocabulary import Lang, language, terms

_COMPLETE = "_LIANTU_COMPLETE"


class Group(click.Group):
    """The command line, its help in a language; a command is loaded when it is asked for."""

    context_class = Context

    def __init__(self, lang: Lang) -> None:
        term = terms("command")["liantu"]
        super().__init__(
            "liantu",
            params=everywhere(lang),
            help=f"{term.label(lang)}\n\n{term.definition(lang)}",
            callback=click.pass_context(_help_without_command),
            invoke_without_command=True,
            add_help_option=False,
            context_settings={"max_content_width": 100},
        )
        self.lang = lang

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the commands."""
        return command_names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> Command | None:  # noqa: ARG002
        """Return a command."""
        return command_of(cmd_name, self.lang)


def _help_without_command(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


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
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed, or started without a console
            # Not in memory: the number of the closed one must not go to a file of the user.
            nowhere = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(nowhere, mode, encoding="utf-8", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a GBK console must not end the run
            stream.reconfigure(errors="replace")
    group, code = Group(session.lang), 0
    try:
        if _COMPLETE in os.environ:
            given = {"obj": session}
            return shell_complete(group, given, "liantu", _COMPLETE, os.environ[_COMPLETE])
        code = _run(group, args, session)
        sys.stderr.flush()
    except BrokenPipeError:  # the reader has seen enough
        _silence()
    except OSError:  # not even the error can be told
        _silence()
        code = code or 1
    return code


def _silence() -> None:
    """Send what streams still hold to nowhere: the flush at exit must not complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _run(group: Group, args: list[str], session: Session) -> int:
    code = 0
    try:
        try:
            with group.make_context("liantu", args, obj=session) as context:
                group.invoke(context)
        except click.exceptions.Exit as end:
            code = end.exit_code
        sys.stdout.flush()
    except click.UsageError as error:
        session.tell(usage_line(error, session.lang), "error")
        return 2
    except (BrokenPipeError, SystemExit, GeneratorExit):
        raise
    except (KeyboardInterrupt, click.Abort):
        return _interrupted(session)
    except BaseException as error:  # the last resort: one clear line instead of a traceback
        if interrupt.seen():  # a library made an error of it
            return _interrupted(session)
        if session.debug:
            sys.stderr.write(harmless(traceback.format_exc(), session.secrets))
        session.tell_problems(_problems(error))
        if isinstance(error, OSError):
            _silence()
        return 2 if isinstance(error, OptionError) else 1
    return code


def _interrupted(session: Session) -> int:
    interrupt.ignore()
    session.tell(session.say("interrupted"))
    return 130


def _problems(error: BaseException) -> tuple[Problem, ...]:
    """Return what an error says; one that is not ours names the system or itself."""
    if isinstance(error, LiantuError):
        return error.problems
    if isinstance(error, OSError) and error.filename is not None:
        path, reason = Path(os.fsdecode(error.filename)), error.strerror or type(error).__name__
        return (Problem("error", "system_error", params={"value": path, "reason": reason}),)
    if isinstance(error, OSError):  # files name themselves: this is the stream
        params = {"reason": error.strerror or type(error).__name__}
        return (Problem("error", "output_failed", value="stdout", params=params),)
    if isinstance(error, MemoryError):
        return (Problem("error", "out_of_memory"),)
    if isinstance(error, RecursionError):
        return (Problem("error", "too_deep"),)
    text = " ".join(f"{type(error).__name__}: {error}".split())
    # Compiled readers (of workbooks) panic past every `except Exception`.
    code = "internal_error" if isinstance(error, Exception) else "reader_gave_up"
    return (Problem("error", code, value=text),)
