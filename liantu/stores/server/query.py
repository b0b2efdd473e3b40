"""Questions in Cypher: read-only, with parameters, and without teachers' names.

The ready queries stand in ``queries/``, one a file: a head with titles and parameters, then plain
Cypher that can also be pasted into Browser. A line ``// include: FILE`` stands for a fragment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from liantu.errors import LiantuError, Message, OptionError, RequestError
from liantu.options import minus, parse_date, plus
from liantu.stores.server import cells
from liantu.stores.server.connection import Connection
from liantu.stores.server.pseudonyms import heads, masked_fingerprint_of, pseudonyms
from liantu.vocabulary import Lang, nearest

if TYPE_CHECKING:
    import neo4j
    import pandas as pd

_DATES = ("as_of", "from", "until")
_WORDS = {"rural": ("strict", "broad", "all")}
_HEAD = re.compile(r"^// (\w+): (.*)\n", re.MULTILINE)
_INCLUDE = re.compile(r"^// include: (\S+)\n", re.MULTILINE)
# Where a sign $ means nothing: texts and comments.
_ASIDE = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|//[^\n]*|/\*.*?\*/", re.DOTALL)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_OPEN = "NOT coalesce(s.opened > $as_of OR s.closed <= $as_of, false)"


@dataclass(frozen=True)
class Ready:
    """A ready query: name, titles, parameters with their defaults, Cypher.

    Attributes
    ----------
    parameters
        Defaults by name; ``network`` and dates have none here, for they are those of the network.
    analysis
        The command that gives the same figures, if there is one.
    """

    name: str
    title_en: str
    title_zh: str
    parameters: Mapping[str, str]
    analysis: str
    cypher: str

    def title(self, lang: Lang = "en") -> str:
        """Return the title in a language."""
        return self.title_zh if lang == "zh" else self.title_en


@dataclass(frozen=True)
class Answer:
    """What a query found.

    Attributes
    ----------
    table
        One row a record. Nodes and maps are dictionaries, paths and lists are lists.
    parameters
        Every parameter that the query was run with.
    as_of, fingerprint
        The date judged and the data, where the query is about a network of liantu's.
    notes
        What was hidden.
    """

    table: pd.DataFrame
    parameters: Mapping[str, Any]
    as_of: date | None = None
    fingerprint: str | None = None
    notes: tuple[Message, ...] = ()


@cache
def ready() -> dict[str, Ready]:
    """Return every ready query by name.

    Examples
    --------
    >>> query = ready()["uncovered-rural-schools"]
    >>> query.title(), query.analysis, dict(query.parameters)["rural"]
    ('Rural schools that nobody covers, those with most pupils first', 'coverage', 'strict')
    """
    folder = files("liantu.stores.server").joinpath("queries")
    names = (path.name.removesuffix(".cypher") for path in folder.iterdir())
    return {name: _ready(name) for name in sorted(names) if not name.startswith("_")}


def _ready(name: str) -> Ready:
    text = _text(f"{name}.cypher")
    head = dict(_HEAD.findall(text))
    pairs = (word.strip().partition("=") for word in head["parameters"].split(","))
    return Ready(
        name=name,
        title_en=head["title"],
        title_zh=head["title_zh"],
        parameters={key: default for key, _, default in pairs},
        analysis=head.get("analysis", ""),
        cypher=text,
    )


def _text(file: str) -> str:
    path = files("liantu.stores.server").joinpath("queries", file)
    return _INCLUDE.sub(lambda found: _text(found[1]), path.read_text(encoding="utf-8"))


def run(
    connection: Connection,
    cypher: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    show_teachers: bool = False,
) -> Answer:
    """Run a query in a read transaction; the server refuses to write in it.

    ``$network``, ``$as_of``, ``$from`` and ``$until`` have the values of the ready queries where
    the query names them and they are not given.

    Parameters
    ----------
    connection
        The connection; see `Connection`.
    cypher
        The query.
    parameters
        Its parameters.
    show_teachers
        Whether teachers' names, and ids made from them, are shown.

    Raises
    ------
    RequestError
        If the server refuses the query, or a parameter is missing or not used.
    """
    used = set(re.findall(r"\$(\w+)|\$`([^`]+)`", _ASIDE.sub("''", cypher)))
    names = {plain or quoted for plain, quoted in used}
    given = dict(parameters or {})
    for name in given:
        if name not in names:
            _unknown(name, names)
    head = _defaults(connection, given, names)
    if connection.address.network and not head:
        connection.whole()  # a name that is not there shall be told, used or not
    answer = _answer(connection, cypher, given, head, show_teachers)
    if "network" in names or len(there := connection.networks()) < 2:
        return answer
    listed = ", ".join(str(node["network"]) for node in there)
    note = Message("query_all_networks", {"listed": listed})
    return replace(answer, notes=(*answer.notes, note))


def run_ready(
    connection: Connection,
    name: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    show_teachers: bool = False,
) -> Answer:
    """Run a ready query; see `run`.

    Parameters
    ----------
    connection
        The connection; see `Connection`.
    name
        The name of the query.
    parameters
        Parameters in place of the defaults: ``as_of`` (the network's own date, else today),
        ``from`` (a year before it), ``until`` (a year after it), ``rural``.
    show_teachers
        Whether ids made from teachers' names are shown.

    Raises
    ------
    RequestError
        If there is no such query, the network is being written, or no school has an urban–rural
        class and the query asks for rural ones.
    OptionError
        If a parameter is malformed.
    """
    query = find(name)
    settable = [key for key in query.parameters if key != "network"]
    given: dict[str, Any] = {}
    for key, value in (parameters or {}).items():
        if key not in settable:
            _unknown(key, settable)
        option = f"--param {key}"
        if key in _WORDS and value not in _WORDS[key]:
            allowed = ", ".join(_WORDS[key])
            raise OptionError.of("bad_choice", value=value, option=option, allowed=allowed)
        try:
            day = value if isinstance(value, date) else str(value)  # 2021 comes as a number
            given[key] = parse_date(day) if key in _DATES else value
        except OptionError:
            raise OptionError.of("bad_option_date", value=value, option=option) from None
    given = {key: default for key, default in query.parameters.items() if default} | given
    head = _defaults(connection, given, query.parameters)
    if query.analysis == "coverage" and given["rural"] != "all":
        counts = f"MATCH (s:School {{network: $network}}) WHERE {_OPEN} "
        counts += "RETURN count(s) AS schools, count(s.urban_rural) AS classed"
        [found] = connection.read(counts, network=given["network"], as_of=given["as_of"])
        if found["schools"] and not found["classed"]:
            raise RequestError.of("query_no_urban_rural")
    return _answer(connection, query.cypher, given, head, show_teachers)


def find(name: str) -> Ready:
    """Return a ready query.

    Raises
    ------
    RequestError
        If there is none; the nearest name is suggested.
    """
    if name not in ready():
        near = nearest(name, ready()) or "–"
        raise RequestError.of("query_unknown", value=name, nearest=near)
    return ready()[name]


def _unknown(name: str, known: Iterable[str]) -> None:
    near = nearest(name, known) or "–"
    raise RequestError.of("query_param_unknown", value=name, nearest=near)


def _defaults(
    connection: Connection, given: dict[str, Any], names: Iterable[str]
) -> Mapping[str, Any]:
    """Add what the network itself says of the parameters that are not given; return its node."""
    wanted = {"network", *_DATES}.intersection(names) - set(given)
    if not wanted:
        return {}
    head = connection.whole()
    own = head.get("as_of")
    day = given.get("as_of") or (own.to_native() if own is not None else date.today())
    if not isinstance(day, date):
        raise OptionError.of("bad_option_date", value=day, option="--param as_of")
    values = {
        "network": head["network"],
        "as_of": day,
        "from": minus(day, "12m"),
        "until": plus(day, "12m"),
    }
    given.update({name: values[name] for name in values if name in wanted})
    return head


def _answer(
    connection: Connection,
    cypher: str,
    parameters: Mapping[str, Any],
    head: Mapping[str, Any],
    show_teachers: bool,
) -> Answer:
    from neo4j import exceptions

    def work(tx: neo4j.ManagedTransaction) -> tuple[list[str], list[list[Any]]]:
        try:
            result = tx.run(cypher, dict(parameters))
            keys = list(result.keys())
            return keys, [[cells.simple(value) for value in record] for record in result]
        except exceptions.BrokenRecordError:
            raise RequestError.of("query_value") from None
        except exceptions.ClientError as error:
            raise _refused(connection, error, show_teachers) from None

    keys, rows = connection.reading(work)
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in keys]
    hidden: dict[str, str] = {}
    if not show_teachers:
        texts = cells.texts([columns, list(parameters.values())])
        hidden = pseudonyms(connection, texts)
        words = {**heads(connection), **hidden}
        columns = [cells.replaced(column, words) for column in columns]
        parameters = {key: cells.replaced(value, hidden) for key, value in parameters.items()}
    day = parameters.get("as_of")
    return Answer(
        table=cells.frame(keys, columns, len(rows)),
        parameters=parameters,
        as_of=day if isinstance(day, date) else None,
        fingerprint=_fingerprint(head, show_teachers),
        notes=(Message("query_hidden", {"count": len(hidden)}),) if hidden else (),
    )


def _fingerprint(head: Mapping[str, Any], show_teachers: bool) -> str | None:
    """Return the fingerprint of the network asked, without names unless they are shown."""
    return head.get("fingerprint") if show_teachers else masked_fingerprint_of(head)


def _refused(
    connection: Connection, error: neo4j.exceptions.ClientError, show_teachers: bool
) -> LiantuError:
    """Return what the server says of a query as one line, without the query itself."""
    code, message = error.code or "", error.message or str(error)
    if code.endswith("ParameterMissing"):
        return RequestError.of("query_param_missing", value=message.partition(": ")[2])
    reason = message.split("\n")[0]
    if not (show_teachers or code.endswith("SyntaxError")):  # what it quotes may be a name
        reason = _QUOTED.sub("…", reason)
    if code.endswith("AccessMode"):
        return RequestError.of("query_writes", reason=reason)
    return RequestError.of("query_refused", value=connection.address, reason=reason)
