"""The command tree: the commands on data, then one command a registered analysis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from liantu.analyses import Analysis, Parameter, registry
from liantu.cli import audit, commands, exchange, inspect, query, stores
from liantu.cli import options as opt
from liantu.cli.help import Command, Group
from liantu.vocabulary import Lang, terms


def app(lang: Lang) -> Group:
    """Return the command line with its help in a language."""
    group = Group(
        "liantu",
        params=opt.everywhere(lang),
        help=_help("liantu", lang),
        callback=click.pass_context(_help_without_command),
        invoke_without_command=True,
        add_help_option=False,
        context_settings={"max_content_width": 100},
    )
    for command in (
        *_data_commands(lang),
        *(_analysis(each, lang) for each in registry().values()),
    ):
        group.add_command(command)
    group.add_command(_report(lang))
    group.add_command(_audit(lang))
    group.add_command(_query(lang))
    return group


def _help_without_command(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def _help(name: str, lang: Lang) -> str:
    term = terms("command")[name]
    return f"{term.label(lang)}\n\n{term.definition(lang)}"


def _command(
    name: str,
    lang: Lang,
    callback: Callable[..., None],
    params: list[click.Parameter],
    example: str,
    **given: Any,
) -> Command:
    return Command(
        name,
        callback=click.pass_obj(callback),
        params=[*params, *opt.everywhere(lang)],
        example=example,
        **{"help": _help(name, lang), "short_help": terms("command")[name].label(lang), **given}
        if name in terms("command")
        else given,
    )


def _data_commands(lang: Lang) -> list[Command]:
    formats = opt.option("format", lang, opt.Choice(["table", "json"]))
    source, reading, privacy = opt.source(lang), opt.reading(lang), opt.privacy(lang)
    force = opt.option("force", lang)
    check = [
        opt.option("format", lang, opt.Choice(["table", "json", "csv"])),
        opt.option("output", lang, opt.Output(), short=("-o",), help_key="output_plain"),
        opt.option("labels", lang),
    ]
    return [
        _command("demo", lang, commands.demo, [_report_file(lang)], "liantu demo"),
        _command("cases", lang, inspect.cases, [formats], "liantu cases"),
        _command(
            "template",
            lang,
            commands.template,
            [opt.argument("out", lang, opt.Output(), "out_template"), force],
            "liantu template template.xlsx",
        ),
        _command(
            "check",
            lang,
            inspect.check,
            [source, *reading, *check],
            "liantu check lists --format csv -o problems.csv",
        ),
        _command(
            "info",
            lang,
            inspect.info,
            [source, *reading, *privacy, formats],
            "liantu info case:demo",
        ),
        _command(
            "generate",
            lang,
            commands.generate,
            [
                opt.argument("out", lang, opt.Output(), "out_folder"),
                opt.option("schools", lang, opt.number(whole=True, low=1), default=80),
                opt.option("seed", lang, opt.number(whole=True, low=0), default=0),
                force,
            ],
            "liantu generate region --schools 200 --seed 7",
        ),
        _command(
            "import",
            lang,
            stores.import_,
            [
                source,
                opt.argument("store", lang, opt.Store(), "store"),
                opt.option("replace", lang),
                opt.option("merge", lang),
                *reading,
            ],
            "liantu import case:demo net.liantu",
        ),
        _command(
            "export",
            lang,
            exchange.export,
            [
                source,
                opt.argument("out", lang, opt.Output(), "out_export"),
                *reading,
                opt.show_teachers(lang),
                force,
            ],
            "liantu export case:laizhou laizhou.graphml",
        ),
    ]


def _report_file(lang: Lang) -> click.Option:
    return opt.option(
        "output", lang, opt.Output(), short=("-o",), help_key="output_report", default="report.html"
    )


def _report(lang: Lang) -> Command:
    params = [
        opt.source(lang),
        *opt.reading(lang),
        *opt.privacy(lang),
        opt.option("as_of", lang, opt.day(), metavar="DATE"),
        opt.option("scope", lang, opt.Choice(["rural", "all"]), default="rural"),
        opt.option("rural", lang, opt.Choice(["strict", "broad"]), default="strict"),
        _report_file(lang),
    ]
    return _command(
        "report", lang, commands.report, params, "liantu report case:demo -o report.html"
    )


def _audit(lang: Lang) -> Command:
    params = [
        opt.source(lang),
        opt.option("claims", lang, opt.Input(), metavar="FILE"),
        opt.option("as_of", lang, opt.day(), metavar="DATE"),
        opt.option("strict", lang),
        opt.option("rows", lang),
        *opt.reading(lang),
        opt.show_teachers(lang),
        opt.option("format", lang, opt.Choice(["table", "json", "csv", "xlsx"])),
        opt.option("output", lang, opt.Output(), short=("-o",), metavar="FILE"),
        opt.option("labels", lang),
    ]
    return _command("audit", lang, audit.audit, params, "liantu audit case:laizhou --strict")


def _query(lang: Lang) -> Command:
    params = [
        opt.argument("server", lang, click.STRING, "server", required=False),
        opt.argument("cypher", lang, click.STRING, "cypher", required=False),
        opt.option("named", lang, click.STRING, metavar="NAME"),
        opt.option("list", lang),
        opt.option("param", lang, click.STRING, metavar="NAME=VALUE", multiple=True),
        opt.show_teachers(lang),
        opt.option("format", lang, opt.Choice(["table", "json", "csv", "xlsx"])),
        opt.option("output", lang, opt.Output(), short=("-o",), metavar="FILE"),
        opt.option("limit", lang, opt.number(whole=True, low=0), metavar="N"),
        opt.option("labels", lang),
    ]
    return _command(
        "query",
        lang,
        query.query,
        params,
        "liantu query neo4j://localhost:7687 --named uncovered-rural-schools",
    )


def _analysis(analysis: Analysis, lang: Lang) -> Command:
    """Return the command of an analysis: its parameters are its options."""

    def run(session: Any, **values: Any) -> None:
        commands.analyse(session, analysis, **values)

    paragraphs = analysis.text(lang).split("\n\n")
    unwrapped = "\n\n".join(f"\b\n{text}" for text in paragraphs if text.strip())
    params = [
        opt.source(lang),
        *(_option(parameter, lang) for parameter in analysis.parameters),
        *opt.reading(lang),
        *opt.privacy(lang),
        opt.option("format", lang, opt.Choice(["table", "json", "csv", "xlsx"])),
        opt.option("output", lang, opt.Output(), short=("-o",), metavar="FILE"),
        opt.option("limit", lang, opt.number(whole=True, low=0), metavar="N"),
        opt.option("labels", lang),
        opt.option("write_back", lang, click.STRING, metavar="URI"),
        opt.option("remove_write_back", lang, click.STRING, metavar="URI"),
    ]
    return _command(
        analysis.command,
        lang,
        run,
        params,
        f"liantu {analysis.command} case:demo --format json",
        help=f"{analysis.title(lang)}\n\n{unwrapped}",
        short_help=analysis.title(lang),
    )


def _option(parameter: Parameter, lang: Lang) -> click.Option:
    """Return the option of a parameter."""
    kind: click.ParamType[Any] | None = click.STRING
    if parameter.name == "as_of":
        kind = opt.day()
    elif parameter.choices:
        kind = opt.Choice(parameter.choices)
    elif parameter.is_list:
        kind = opt.words()
    elif parameter.scalar is bool:
        kind = None
    elif parameter.scalar in (int, float):
        kind = opt.number(whole=parameter.scalar is int)
    text = opt.with_default(parameter.help[lang], parameter.default, lang)
    return opt.described(parameter.name, text, kind, default=parameter.default)
