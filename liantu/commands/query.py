"""The command that asks a Neo4j server in Cypher."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import liantu
from liantu import progress
from liantu.commands import _options as opt
from liantu.commands._help import Command, make
from liantu.commands._output import RESULT, emit_csv, emit_json, format_of, show_table
from liantu.commands._session import Session
from liantu.errors import OptionError, RequestError
from liantu.options import check_choice, parse_date
from liantu.vocabulary import Lang

if TYPE_CHECKING:
    import pandas as pd

    from liantu.stores.server.query import Answer

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_JSON = re.compile(r'[\[{"]|-?\d|true$|false$|null$')
_BIGGEST = 2**63  # of whole numbers on the server


def command(lang: Lang) -> Command:
    """Return the command."""
    params = [
        opt.argument("server", lang, click.STRING, "server", required=False),
        opt.argument("cypher", lang, click.STRING, "cypher", required=False),
        opt.option("named", lang, click.STRING, metavar="NAME"),
        opt.option("list", lang),
        opt.option("param", lang, click.STRING, metavar="NAME=VALUE", multiple=True),
        opt.show_teachers(lang),
        *opt.tables(lang),
    ]
    example = "liantu query neo4j://localhost:7687 --named uncovered-rural-schools"
    return make("query", lang, query, params, example)


def query(
    session: Session,
    *,
    server: str | None,
    cypher: str | None,
    named: str | None,
    list: bool,
    param: Sequence[str],
    show_teachers: bool,
    format: str | None,
    output: Path | None,
    limit: int | None,
    labels: bool,
) -> None:
    """Run one query, or list the ready ones."""
    if list and named is not None:
        from liantu.stores.server.query import find

        print(find(named).cypher, end="")
        return
    if list:
        kind = check_choice(format_of(format, output, ("json",)), ("table", "json"), "format")
        _list(session, kind, output)
        return
    from liantu.addresses import shown
    from liantu.stores import is_server

    kind = format_of(format, output, RESULT)
    if server is None:
        raise OptionError.of("query_needs_server")
    if (cypher is None) == (named is None):
        raise OptionError.of("query_one_of")
    given = dict(_parameter(text) for text in param)
    if not is_server(server):
        raise RequestError.of("query_no_server", value=shown(server))
    from liantu.stores.server import query as queries
    from liantu.stores.server.connection import Connection

    if named is not None:
        queries.find(named)
    with progress.shown(session.lang), closing(Connection(server)) as connection:
        progress.step("step_read", connection.address)
        if named is not None:
            answer = queries.run_ready(connection, named, given, show_teachers=show_teachers)
        else:
            answer = queries.run(connection, cypher or "", given, show_teachers=show_teachers)
    asked: dict[str, str | None] = {"named": named} if named is not None else {"cypher": cypher}
    if kind == "json":
        emit_json(session, _facts(session, answer, asked), output)
        return
    table = _flat(answer.table)
    if kind == "csv":
        emit_csv(session, table, output, labels=labels)
    elif kind != "table" and output is not None:
        _file(session, answer, table, asked, output, kind)
    else:
        if named is not None:
            print(queries.find(named).title(session.lang))
        print(_stamp(session, answer, named or "query"))
        show_table(session, table, session.label("table", "sheet"), limit)
    if kind == "csv":
        session.tell(_stamp(session, answer, named or "query"))
    for note in answer.notes:
        session.tell(note.text(session.lang), "info")


def _list(session: Session, kind: str, output: Path | None) -> None:
    """List the ready queries: name, what it answers, parameters; as JSON with their Cypher."""
    from liantu.formats import aligned
    from liantu.stores.server.query import ready

    found = ready().values()
    if kind == "json":
        rows = [
            {
                "name": each.name,
                "title_en": each.title_en,
                "title_zh": each.title_zh,
                "parameters": {key: value or None for key, value in each.parameters.items()},
                "analysis": each.analysis or None,
                "cypher": each.cypher,
            }
            for each in found
        ]
        emit_json(session, rows, output)
        return
    words = [(each.name, each.title(session.lang), _settable(each.parameters)) for each in found]
    print(aligned(words, [False] * 3))


def _settable(parameters: Mapping[str, str]) -> str:
    names = [key for key in parameters if key != "network"]
    return ", ".join(f"{key}={parameters[key]}" if parameters[key] else key for key in names)


def _parameter(text: str) -> tuple[str, Any]:
    """Return name and value of ``--param name=value``.

    Examples
    --------
    >>> _parameter("day=2021-03-31"), _parameter("n=5"), _parameter("id=0130")
    (('day', datetime.date(2021, 3, 31)), ('n', 5), ('id', '0130'))
    >>> _parameter('ids=["5", "6"]'), _parameter('id="5"'), _parameter("name=东村小学")
    (('ids', ['5', '6']), ('id', '5'), ('name', '东村小学'))
    """
    name, found, value = text.partition("=")
    if not found or not name.strip():
        raise OptionError.of("query_param_form", value=text)
    return name.strip(), _value(value)


def _value(text: str) -> Any:
    """Return an ISO date as a date, what JSON knows as such, everything else as text."""
    if _DAY.fullmatch(text):
        return parse_date(text, "param")
    if not _JSON.match(text):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if _fits(value) else text


def _fits(value: Any) -> bool:
    """Return whether a server knows a value: whole numbers of 64 bits, text of whole signs."""
    if isinstance(value, dict):
        return _fits([*value, *value.values()])
    if isinstance(value, list):
        return all(map(_fits, value))
    if isinstance(value, str):
        return not any("\ud800" <= sign <= "\udfff" for sign in value)
    return not isinstance(value, int) or -_BIGGEST <= value < _BIGGEST


def _facts(session: Session, answer: Answer, asked: dict[str, str | None]) -> dict[str, Any]:
    """Return the answer as plain values, in the shape of an analysis."""
    from liantu.formats import plain, records

    return {
        "analysis": "query",
        "parameters": {**asked, "param": plain(answer.parameters)},
        "as_of": answer.as_of.isoformat() if answer.as_of else None,
        "fingerprint": answer.fingerprint,
        "summary": {"rows": len(answer.table)},
        "table": records(answer.table),
        "tables": {},
        "notes": [note.text(session.lang) for note in answer.notes],
        "version": liantu.__version__,
    }


def _stamp(session: Session, answer: Answer, name: str) -> str:
    """Return what was asked: name, date judged, parameters, rows."""
    parts = [name]
    if answer.as_of:
        parts.append(f"{session.label('as_of', 'sheet')} {answer.as_of}")
    parts += [word for word in _words(answer.parameters) if not word.startswith("as_of=")]
    return " · ".join([*parts, session.say("query_rows", count=len(answer.table))])


def _words(parameters: Mapping[str, Any]) -> list[str]:
    """Return parameters as they are written on the command line."""
    return [f"{key}={_written(value)}" for key, value in parameters.items()]


def _written(value: Any) -> str:
    """Return a cell as text; what is neither text nor a date as JSON writes it."""
    from liantu.formats import plain

    found = plain(value)
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose lists, maps and mixed cells are text, as JSON writes it."""
    mixed = [key for key in table if table[key].dtype == object]
    texts = {str(key): table[key].map(_written, na_action="ignore") for key in mixed}
    return table.assign(**{key: column.astype("str") for key, column in texts.items()})


def _file(
    session: Session,
    answer: Answer,
    table: pd.DataFrame,
    asked: dict[str, str | None],
    output: Path,
    kind: str,
) -> None:
    """Write the answer as a workbook or a Parquet file."""
    from datetime import date

    from liantu.results import Result

    found = Result(
        table=table,
        summary={"rows": len(table)},
        notes=answer.notes,
        name="query",
        parameters={**asked, "param": _words(answer.parameters) or None},
        as_of=answer.as_of or date.min,
        fingerprint=answer.fingerprint or "",
    )
    write = found.to_parquet if kind == "parquet" else found.to_excel
    write(output, session.lang)
    session.tell(session.say("wrote", value=output))
