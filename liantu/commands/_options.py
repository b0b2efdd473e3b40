"""Options that commands share, and the types of their values.

A malformed value raises `OptionError` like everywhere else in liantu, so that its line is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

import liantu
from liantu.addresses import bad_address, misspelt
from liantu.commands._session import Session
from liantu.errors import OptionError, RequestError
from liantu.options import check_choice, check_range, parse_date, parse_list
from liantu.vocabulary import Lang, label

ALL = "case:all"  # a source of the command audit: every bundled case


class Choice(click.Choice[str]):
    """One of several words."""

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,  # noqa: ARG002 - click's signature
    ) -> str:
        """Return the word, if it is one of them."""
        return check_choice(str(value), [str(word) for word in self.choices], _name(param))


class Value(click.ParamType[Any]):
    """A value that a function of its text and the option's name returns."""

    def __init__(self, name: str, parse: Callable[[str, str], Any]) -> None:
        self.name, self.parse = name, parse

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,  # noqa: ARG002 - click's signature
    ) -> Any:
        """Return the value."""
        return self.parse(str(value), _name(param))


class Source(Value):
    """What can be read: a path or a bundled case."""

    def __init__(self) -> None:
        super().__init__("source", _source)

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Complete the names of cases, else files."""
        from liantu.loaders import cases

        names = [f"case:{case.name}" for case in cases()]
        found = [name for name in names if incomplete and name.startswith(incomplete)]
        return [CompletionItem(name) for name in found] or [CompletionItem(incomplete, type="file")]


class Store(Value):
    """A store to write to: a folder or the address of a server."""

    def __init__(self) -> None:
        super().__init__("store", _source)


class Input(click.Path):
    """A file to read beside the source."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)


class Plan(Input):
    """A plan of changes to read beside the source."""


class Output(click.Path):
    """A file or folder to write; `liantu.commands._apart` keeps it off what is read."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path; an address is none, and a password makes no name of a file."""
        if misspelt(value) and not Path(value).exists():
            raise bad_address(value)
        return super().convert(value, param, ctx)


class Draft(Output):
    """A draft to write; under a name of its own it may travel in the folder that it is about."""


def day() -> Value:
    """Return the type of a date; a month or year means its last day."""
    return Value("date", parse_date)


def words() -> Value:
    """Return the type of a list, separated by commas."""
    return Value("list", lambda text, _: parse_list(text))


def number(*, whole: bool, low: float | None = None) -> Value:
    """Return the type of a number, whole or not, perhaps with a least value."""

    def parse(text: str, name: str) -> float:
        try:
            value = int(text) if whole else float(text)
        except ValueError:
            code = "bad_option_whole" if whole else "bad_option_number"
            option = "--" + name.replace("_", "-")
            raise OptionError.of(code, value=text, option=option) from None
        if low is not None:
            check_range(value, name, low)
        return value

    return Value("integer" if whole else "number", parse)


def _source(text: str, _: str) -> str:
    if not text.strip():  # it would mean the current folder by accident
        raise RequestError.of("not_found", value=text)
    return text


def _name(param: click.Parameter | None) -> str:
    return (param.name or "") if param is not None else ""


def described(
    name: str, text: str, kind: click.ParamType[Any] | None = None, **given: Any
) -> click.Option:
    """Return an option with this help. A flag has no type, and an opposite if it is on."""
    flag = "--" + name.replace("_", "-")
    if kind is None and given.get("default") is True:  # can be turned off
        flag += f"/--no-{flag[2:]}"
    names = [*given.pop("short", ()), flag, name]
    settings: dict[str, Any] = {"type": kind} if kind else {"is_flag": True, "default": False}
    return click.Option(names, help=text, **{**settings, **given})


def option(
    name: str,
    lang: Lang,
    kind: click.ParamType[Any] | None = None,
    *,
    help_key: str = "",
    **given: Any,
) -> click.Option:
    """Return an option; its help is the term of its name, with its default."""
    text = label(help_key or name, lang, "option")
    return described(name, with_default(text, given.get("default"), lang), kind, **given)


def with_default(text: str, default: Any, lang: Lang) -> str:
    """Return the help of an option with its default, if that is worth a word."""
    if default in (None, False, ""):
        return text
    return f"{text} [{label('default', lang, 'heading')}{default}]"


def argument(
    name: str, lang: Lang, kind: click.ParamType[Any], help_key: str, **given: Any
) -> click.Argument:
    """Return an argument; its help is a term."""
    text = label(help_key, lang, "option")
    return click.Argument([name], type=kind, help=text, **given)


def source(lang: Lang) -> click.Argument:
    """Return the argument SOURCE."""
    return argument("source", lang, Source(), "source")


def reading(lang: Lang) -> list[click.Parameter]:
    """Return the options of every command that reads a mapping."""
    return [
        mappings(lang),
        option("create_missing", lang),
        option(
            "with", lang, Input(), metavar="FILE", multiple=True, expose_value=False,
            callback=_added,
        ),
    ]  # fmt: skip


def mappings(lang: Lang) -> click.Option:
    """Return the option that names a mapping and ticked drafts, given once for each."""
    return option("mapping", lang, Input(), metavar="FILE", multiple=True)


def _added(ctx: click.Context, _: click.Parameter, value: tuple[Path, ...]) -> None:
    ctx.ensure_object(Session).added = value


def privacy(lang: Lang) -> list[click.Parameter]:
    """Return the options of every command that reports on schools."""
    return [region(lang), show_teachers(lang)]


def region(lang: Lang) -> click.Option:
    """Return the option that limits what is reported on."""
    return option("region", lang, click.STRING, metavar="ID")


def counting(lang: Lang) -> list[click.Parameter]:
    """Return the options of every command that counts on two sides."""
    return [
        option("scope", lang, Choice(["rural", "all"]), default="rural"),
        option("rural", lang, Choice(["strict", "broad"]), default="strict"),
        option("window", lang, click.STRING, metavar="TEXT", default="12m"),
        option("analyses", lang, words(), metavar="LIST"),
        option("engine", lang, Choice(["auto", "fast", "reference"]), default="auto"),
    ]


def tables(lang: Lang) -> list[click.Parameter]:
    """Return the options of every command whose answer is a table."""
    return [
        option("format", lang, Choice(["table", "json", "csv", "xlsx"])),
        option("output", lang, Output(), short=("-o",), metavar="FILE"),
        option("limit", lang, number(whole=True, low=0), metavar="N"),
        option("labels", lang),
    ]


def report_file(lang: Lang) -> click.Option:
    """Return the option that names the file of a report."""
    return option(
        "output", lang, Output(), short=("-o",), help_key="output_report", default="report.html"
    )


def page_file(lang: Lang) -> click.Option:
    """Return the option that names the file of a page."""
    return option(
        "output", lang, Output(), short=("-o",), help_key="output_page", default="planner.html"
    )


def title(lang: Lang) -> click.Option:
    """Return the option that gives what is written a title."""
    return text("title", lang)


def text(name: str, lang: Lang) -> click.Option:
    """Return an option that takes any words, none by default."""
    return option(name, lang, click.STRING, metavar="TEXT", default="")


def show_teachers(lang: Lang) -> click.Option:
    """Return the option that shows teachers, in problems too."""
    return option("show_teachers", lang, callback=_remember)


def everywhere(lang: Lang) -> list[click.Parameter]:
    """Return the global options, which stand before or after the command."""
    hidden: dict[str, Any] = {"expose_value": False}
    return [
        option("lang", lang, Choice(["en", "zh"]), **hidden),  # read by `vocabulary.language`
        option("verbose", lang, short=("-v",), callback=_remember, **hidden),
        option("debug", lang, callback=_remember, **hidden),
        option("version", lang, is_eager=True, callback=_ending(_version), **hidden),
        option("help", lang, is_eager=True, callback=_ending(click.Context.get_help), **hidden),
    ]


def _remember(ctx: click.Context, param: click.Parameter, value: bool) -> bool:
    if value:
        setattr(ctx.ensure_object(Session), param.name or "", True)
    return value


def _version(_: click.Context) -> str:
    return f"liantu {liantu.__version__}"


def _ending(text: Callable[[click.Context], str]) -> Callable[..., None]:
    def show(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            click.echo(text(ctx))
            ctx.exit()

    return show
