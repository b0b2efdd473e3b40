"""The command of an analysis: its parameters are its options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from liantu import progress
from liantu.addresses import shown
from liantu.commands import _options as opt
from liantu.commands._help import Command, make
from liantu.commands._output import RESULT, emit_result, format_of
from liantu.commands._reading import open_network
from liantu.commands._session import Session
from liantu.errors import Message, OptionError, RequestError
from liantu.results import Analysis, Parameter
from liantu.spark.address import on_engine
from liantu.stores import is_server
from liantu.vocabulary import Lang

if TYPE_CHECKING:
    import pandas as pd

    from liantu.graph.network import Network
    from liantu.stores.server import ServerStore


def analysis_command(analysis: Analysis, lang: Lang) -> Command:
    """Return the command of an analysis."""

    def run(session: Any, **values: Any) -> None:
        _analyse(session, analysis, **values)

    paragraphs = analysis.text(lang).split("\n\n")
    unwrapped = "\n\n".join(f"\b\n{text}" for text in paragraphs if text.strip())
    params = [
        opt.source(lang),
        *(_option(parameter, lang) for parameter in analysis.parameters),
        *opt.reading(lang),
        *opt.privacy(lang),
        *opt.tables(lang),
        opt.option("write_back", lang, click.STRING, metavar="URI"),
        opt.option("remove_write_back", lang, click.STRING, metavar="URI"),
    ]
    return make(
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
    if parameter.is_pairs:
        text = parameter.help[lang]
        return opt.described(parameter.name, text, opt.Input(), default=None, metavar="FILE")
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


def _analyse(
    session: Session,
    analysis: Analysis,
    *,
    source: str,
    mapping: Sequence[Path],
    create_missing: bool,
    region: str | None,
    show_teachers: bool,
    format: str | None,
    output: Path | None,
    limit: int | None,
    labels: bool,
    write_back: str | None,
    remove_write_back: str | None,
    **values: Any,
) -> None:
    """Run one analysis and deliver its result; or take what was written back off a server."""
    for uri in (write_back, remove_write_back):
        if uri is not None and not is_server(uri):
            raise OptionError.of("not_a_server", value=shown(uri))
    if remove_write_back is not None:
        if write_back is not None:
            raise OptionError.of(
                "options_conflict", option="--write-back", other="--remove-write-back"
            )
        with _server(remove_write_back) as store:
            session.tell(store.remove_result(analysis.name).text(session.lang), "info")
        return
    kind = format_of(format, output, RESULT)
    said: list[Message] = []
    # A server that cannot be reached is told before the work, and the result written before it is
    # printed, for whoever reads what is printed may stop reading.
    with nullcontext() if write_back is None else _server(write_back) as store:
        network: Any = open_network(session, source, mapping, create_missing, region, show_teachers)
        if store is not None and on_engine(source):
            raise RequestError.of("spark_option", value="--write-back")
        with progress.shown(session.lang):
            values |= _read_pairs(analysis, network, values)
            progress.step("step_analyse", analysis.command)
            result = analysis.function(network, **values)
        if store is not None:
            said = store.write_result(result, network)
    emit_result(session, result, format=kind, output=output, limit=limit, labels=labels)
    for message in said:
        session.tell(message.text(session.lang), "info")


def _read_pairs(
    analysis: Analysis, network: Network, values: Mapping[str, Any]
) -> dict[str, pd.DataFrame]:
    """Return the lists of pairs in the files that options name."""
    names = [parameter.name for parameter in analysis.parameters if parameter.is_pairs]
    given = {name: values[name] for name in names if values[name] is not None}
    if not given:
        return {}
    from liantu.loaders.pairs import read_pairs

    return {name: read_pairs(path, network) for name, path in given.items()}


def _server(uri: str) -> ServerStore:
    from liantu.stores.server import ServerStore

    return ServerStore(uri)
