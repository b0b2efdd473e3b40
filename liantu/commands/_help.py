"""Help in two languages, and usage errors in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

from liantu.commands._apart import check
from liantu.commands._options import everywhere
from liantu.commands._session import Session
from liantu.errors import OptionError
from liantu.vocabulary import Lang, label, message, nearest, remedy, terms

_HEADINGS = {"Options": "options", "Commands": "commands", "Positional arguments": "arguments"}


class Formatter(click.HelpFormatter):
    """Headings in the language of the run; Chinese text is wrapped by its width on the screen."""

    def __init__(self, lang: Lang, **given: Any) -> None:
        super().__init__(**given)
        self.lang = lang

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line that says how the command is used."""
        prefix = prefix or label("usage", self.lang, "heading") + " "
        super().write_usage(prog, args, prefix)

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        super().write_heading(label(_HEADINGS.get(heading, heading), self.lang, "heading"))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write terms and their texts in two columns."""
        rows = list(rows)
        if self.lang == "en":
            super().write_dl(rows, col_max, col_spacing)
            return
        from rich.cells import chop_cells

        first = min(max(len(term) for term, _ in rows), col_max) + col_spacing
        room, indent = max(self.width - self.current_indent - first, 20), " " * self.current_indent
        for term, text in rows:
            lines = _hold(chop_cells(text, room - 2)) or [""]
            if len(term) + col_spacing > first:
                self.write(f"{indent}{term}\n")
                term = ""
            for line in lines:
                self.write(f"{indent}{term:<{first}}{line}".rstrip() + "\n")
                term = ""


def _hold(lines: list[str]) -> list[str]:
    """Move a sign that must not begin a line to the line before."""
    for place in range(1, len(lines)):
        while lines[place][:1] in tuple("，。；：、）！？]"):
            lines[place - 1] += lines[place][0]
            lines[place] = lines[place][1:]
    return [line for line in lines if line]


class Context(click.Context):
    """A context whose help is written by `Formatter`."""

    def make_formatter(self) -> click.HelpFormatter:
        """Return the formatter in the language of the run."""
        lang = self.obj.lang if isinstance(self.obj, Session) else "en"
        return Formatter(lang, width=self.terminal_width, max_width=self.max_content_width)


class Command(click.Command):
    """A command with one example in its help."""

    context_class = Context

    def __init__(self, name: str, *, example: str = "", **given: Any) -> None:
        super().__init__(name, add_help_option=False, **given)
        self.example = example

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; one too many is told in the language of the run."""
        ctx.allow_extra_args = True
        extra = super().parse_args(ctx, args)
        if extra and not ctx.resilient_parsing:
            command = ctx.command_path
            raise OptionError.of("usage_extra", value=" ".join(extra), command=command)
        return extra

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, unless an output would hurt what it reads."""
        added = ctx.obj.added if isinstance(ctx.obj, Session) else ()
        check(self.params, ctx.params, added)
        return super().invoke(ctx)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example."""
        lang = ctx.obj.lang if isinstance(ctx.obj, Session) else "en"
        formatter.write_paragraph()
        formatter.write(f"{label('example', lang, 'heading')}\n  {self.example}\n")


def make(
    name: str,
    lang: Lang,
    callback: Callable[..., None],
    params: Sequence[click.Parameter],
    example: str,
    **given: Any,
) -> Command:
    """Return a command whose callback gets the session; its help is a term, unless given."""
    if name in terms("command"):
        term = terms("command")[name]
        text = f"{term.label(lang)}\n\n{term.definition(lang)}"
        given = {"help": text, "short_help": term.label(lang), **given}
    return Command(
        name,
        callback=click.pass_obj(callback),
        params=[*params, *everywhere(lang)],
        example=example,
        **given,
    )


def usage_line(error: click.UsageError, lang: Lang) -> str:
    """Return a usage error as one line that says what to do."""
    command = error.ctx.command_path if error.ctx else "liantu"
    code, value, near = "usage_other", error.format_message(), ""
    if isinstance(error, click.NoSuchOption):
        code, value = "usage_no_option", error.option_name
        near = nearest(value, error.possibilities or ()) or ""
    elif isinstance(error, click.exceptions.NoSuchCommand):
        code, value = "usage_no_command", error.command_name
        group = error.ctx.command if error.ctx else None
        known = (
            group.list_commands(error.ctx) if isinstance(group, click.Group) and error.ctx else ()
        )
        near = nearest(value, known) or ""
    elif isinstance(error, click.MissingParameter):
        code = "usage_missing"
        value = error.param.make_metavar(error.ctx) if error.param and error.ctx else ""
    elif isinstance(error, click.BadOptionUsage):
        code, value = "usage_option_value", error.option_name
    guess = message("did_you_mean", lang, {"value": near}) if near else ""
    params = {"value": value, "reason": value, "command": command, "nearest": guess}
    dash = "。" if lang == "zh" else ". "
    return message(code, lang, params).rstrip(".") + dash + remedy(code, lang, params)
