"""The one place for words: terms, header aliases, labels and messages in English and Chinese.

Four tables stand beside this module: ``terms.csv`` (one row a term), ``messages.csv`` (one row a
message and its remedy), ``columns.csv`` (what the cells of a column are) and ``subjects.csv`` (the
stages in which the national curricula teach a subject). Loader, checks, formatters, command line,
template, reports and docs read them here.
"""

from __future__ import annotations

import csv
import locale
import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from liantu.shell import quoted

Lang = Literal["en", "zh"]

OWN = "liantu·"  # how the sheets of a result begin that are no list to read back

_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
_BRACKETS = str.maketrans({**dict.fromkeys("[{〔【〈《", "("), **dict.fromkeys("]}〕】〉》", ")")})
_LONGEST = 200  # characters of a word that gets a suggestion
_BLANKS = re.compile(r"\s+")
# what normalising changes
_SHAPED = re.compile(r"[\s\xa0\u3000\uff01-\uff5e\[\]{}〔〕【】〈〉《》]")


class Term(NamedTuple):
    """A word of the field: key, labels, header aliases and definitions."""

    group: str
    key: str
    en: str
    zh: str
    aliases: tuple[str, ...]
    definition_en: str
    definition_zh: str

    def label(self, lang: Lang = "en") -> str:
        """Return the label in a language."""
        return self.zh if lang == "zh" else self.en

    def definition(self, lang: Lang = "en") -> str:
        """Return the definition in a language."""
        return self.definition_zh if lang == "zh" else self.definition_en


def _read(name: str) -> list[dict[str, str]]:
    text = files("liantu").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def subject_stages() -> dict[str, tuple[str, ...]]:
    """Return the stages of the subjects of the national curricula, by name and alias, casefolded.

    Examples
    --------
    >>> subject_stages()["道德与法治"]
    ('primary', 'junior')
    """
    return {
        name.casefold(): tuple(row["stages"].split("|"))
        for row in _read("subjects.csv")
        for name in (row["subject"], *filter(None, row["aliases"].split("|")))
    }


@cache
def pe_and_arts() -> frozenset[str]:
    """Return the names of physical education, music, art and their aliases, casefolded.

    Examples
    --------
    >>> "体育与健康" in pe_and_arts(), "语文" in pe_and_arts()
    (True, False)
    """
    return frozenset(
        name.casefold()
        for row in _read("subjects.csv")
        if row["pe_arts"] == "yes"
        for name in (row["subject"], *filter(None, row["aliases"].split("|")))
    )


@cache
def _terms() -> dict[str, dict[str, Term]]:
    found: dict[str, dict[str, Term]] = {}
    for row in _read("terms.csv"):
        aliases = tuple(alias for alias in row["aliases"].split("|") if alias)
        fields = (row["group"], row["key"], row["en"], row["zh"], aliases)
        term = Term(*fields, row["definition_en"], row["definition_zh"])
        found.setdefault(term.group, {})[term.key] = term
    return found


@cache
def _messages() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in _read("messages.csv")}


def groups() -> tuple[str, ...]:
    """Return the groups of terms, in the order of the table."""
    return tuple(_terms())


def terms(group: str) -> Mapping[str, Term]:
    """Return the terms of a group by key.

    Examples
    --------
    >>> terms("role")["core"].zh
    '核心校'
    """
    return _terms()[group]


def half_width(text: str) -> str:
    """Turn full-width letters, digits, signs and blanks into half-width ones and trim.

    Examples
    --------
    >>> half_width("　１２３（东）")
    '123(东)'
    """
    return text.translate(_WIDTH).strip()


def normalise(text: str) -> str:
    """Normalise the *shape* of a name: width, blanks, shape of brackets; never their content.

    Examples
    --------
    >>> normalise("实验 小学（东校区）") == normalise("实验小学 [东校区]")
    True
    """
    if not _SHAPED.search(text):  # as nearly all names are
        return text
    return _BLANKS.sub("", text.translate(_WIDTH).translate(_BRACKETS))


@cache
def _lookup(group: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, term in terms(group).items():
        for word in (key, term.en, term.zh, *term.aliases):
            found.setdefault(normalise(word).casefold(), key)
    return found


def find(group: str, text: str) -> str | None:
    """Return the key that a word names in a group, or None. Exact after normalising shape and case.

    Examples
    --------
    >>> find("stage", "小学"), find("stage", "小雪")
    ('primary', None)
    """
    return _lookup(group).get(normalise(text).casefold())


def words(group: str) -> list[str]:
    """Return every word (key, labels, aliases) that `find` understands in a group."""
    rows = terms(group).values()
    return [word for term in rows for word in (term.key, term.en, term.zh, *term.aliases)]


def label(key: str, lang: Lang = "en", group: str = "column") -> str:
    """Return the label of a key; a key without a term is its own label.

    Of several keys with ``|`` between, each has its label.

    Examples
    --------
    >>> label("pupils", "zh"), label("primary", "en", "stage")
    ('在校生数', 'primary school')
    >>> label("over_out|breaks", "zh", "load_flag")
    '派出比例超过上限；派出后不达标'
    """
    term = _terms().get(group, {}).get(key)
    if term is None and "|" in key:
        return ("；" if lang == "zh" else "; ").join(label(k, lang, group) for k in key.split("|"))
    return term.label(lang) if term else key


class Column(NamedTuple):
    """What the cells of a column are, in results and tables alike.

    ``type`` is id (``of`` a kind; of the column beside it where it says none), code (``of`` a group
    of terms), codes (several of them, ``|`` between), share (``of`` numerator/denominator, columns
    beside it, where it has them), points (one share less another), count, number
    (``of`` a unit), date, flag, text or mixed (a figure or a word, as a rule asks).
    Cells of a count that are yes or no say whether the row is one of those that are counted.
    """

    key: str
    type: str
    of: str


@cache
def columns() -> Mapping[str, Column]:
    """Return the columns by key.

    Examples
    --------
    >>> columns()["pupils"].type, columns()["nearest_core"].of
    ('count', 'school')
    """
    rows = _read("columns.csv")
    return {row["key"]: Column(row["key"], row["type"], row["of"]) for row in rows}


def code_group(column: str) -> str | None:
    """Return the group whose terms label the cells of a column, or None.

    Examples
    --------
    >>> code_group("rung_direct"), code_group("pupils")
    ('rung', None)
    """
    return _of(column, "code") or _of(column, "codes")


def id_kind(column: str) -> str | None:
    """Return the kind whose ids stand in a column, or None.

    Examples
    --------
    >>> id_kind("inherited_from"), id_kind("pupils")
    ('school', None)
    """
    return _of(column, "id")


def _of(column: str, type: str) -> str | None:
    found = columns().get(column)
    return found.of or None if found and found.type == type else None


def is_share(column: str) -> bool:
    """Return whether the cells of a column are shares, shown as percentages."""
    return column in columns() and columns()[column].type == "share"


def is_points(column: str) -> bool:
    """Return whether the cells of a column are differences of shares, shown in points."""
    return column in columns() and columns()[column].type == "points"


def share_of(column: str, keys: Collection[str] | None = None) -> tuple[str, str] | None:
    """Return the columns of numerator and denominator of a share, None where it has none.

    Of several pairs it is the first that stands among `keys`.

    Examples
    --------
    >>> share_of("rate"), share_of("density"), share_of("pupils")
    (('covered', 'in_scope'), None, None)
    >>> share_of("rate", ["subject", "supported", "in_scope", "rate"])
    ('supported', 'in_scope')
    """
    for pair in (_of(column, "share") or "").split("|"):
        top, _, bottom = pair.partition("/")
        if bottom and (keys is None or {top, bottom} <= set(keys)):
            return top, bottom
    return None


def nearest(text: str, choices: Iterable[str]) -> str | None:
    """Return the most similar choice for a suggestion, or None if nothing is near.

    Likeness only ever suggests; it never matches.

    Examples
    --------
    >>> nearest("covrage", ["coverage", "reach"])
    'coverage'
    """
    if len(text) > _LONGEST:  # comparing long texts takes the product of their lengths
        return None
    from rapidfuzz import fuzz, process, utils

    found = process.extractOne(
        text, list(choices), scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=50
    )
    return found[0] if found else None


def language(args: Sequence[str], environ: Mapping[str, str]) -> Lang:
    """Return the language: ``--lang``, else ``LIANTU_LANG``, else Chinese if the locale is.

    Read before the command line is parsed, for help and usage errors are in it too.

    Examples
    --------
    >>> language(["info", "--lang", "zh"], {}), language([], {"LC_ALL": "zh_CN.UTF-8"})
    ('zh', 'zh')
    >>> language([], {"LIANTU_LANG": "en", "LANG": "zh_CN.UTF-8"})
    'en'
    """
    given = [after for word, after in pairwise(args) if word == "--lang"]
    given += [word.removeprefix("--lang=") for word in args if word.startswith("--lang=")]
    for wish in (*given, environ.get("LIANTU_LANG", "")):
        if wish in ("zh", "en"):
            return "zh" if wish == "zh" else "en"
    names = (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    spoken = next((name for name in names if name), None)
    if spoken is None and sys.platform == "win32":
        spoken = locale.getlocale()[0]
    return "zh" if (spoken or "").lower().startswith(("zh", "chinese")) else "en"


class _Params(dict[str, Any]):
    """Parameters of a message; a missing one stays visible instead of raising."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


# Parameters of messages that hold keys, with the group that labels them.
_PARAM_GROUPS = {
    "kind": "kind", "stage": "stage", "type": "stage", "group": "column",
    "reason": "fault",  # in the system's own words
    "indicator": "indicator", "unit_of": "indicator_unit", "relation": "relation",
    "predictor": "predictor",
}  # fmt: skip
# Parameters that quote no cell of the data; everything else is cut.
_WHOLE = (
    "allowed", "command", "en", "evidence", "hint", "hint_zh", "listed", "measure", "path", "place",
    "quoted", "reason", "values", "where", "zh",
)  # fmt: skip
_LONGEST = 80
# The sentence of a remedy that asks for the nearest word; left out where nothing is near.
# Counted things in English messages: words before them, the noun, the verb right behind it.
_ONE = {"deliveries": "delivery", "people": "person"}
_VERBS = {
    "have": "has", "are": "is", "were": "was", "count": "counts", "repeat": "repeats", "do": "does",
    "say": "says", "stand": "stands", "name": "names", "make": "makes", "take": "takes",
    "pass": "passes", "lie": "lies", "hang": "hangs", "bear": "bears", "hold": "holds",
    "begin": "begins", "differ": "differs",
}  # fmt: skip
_COUNTED = re.compile(
    r"\{(?P<count>\w+)\} (?P<more>(?:(?:empty|more|merged|example|ditto|undated|ambiguous) )*)"
    r"(?P<noun>(?:row|cell|name|date|number|teacher|mark|figure|span|event|state|tie|posting|claim"
    r"|school|tick|problem|error|warning|column|sheet|table|text|observation|node|member|person"
    r"|affiliation|phase|character)s|deliveries|people)\b(?: (?P<verb>"
    + "|".join(_VERBS)
    + r")\b)?"
)
_GUESS = re.compile(r"[^.?。？]*“\{nearest\}”[?？]\s*")


def cut(text: str) -> str:
    """Return what a message quotes: a text of at most 80 characters, which shows that it was cut.

    Examples
    --------
    >>> cut("东村小学"), len(cut("x" * 32_767)), cut("x" * 81)[-2:]
    ('东村小学', 80, 'x…')
    """
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _labelled(params: Mapping[str, Any], lang: Lang) -> _Params:
    """Return parameters with keys turned into labels and what quotes the data cut.

    Beside them stand `path`, the value in full, and `quoted`, the value or store as a shell reads
    it, for the commands that a remedy shows.
    """
    comma = "、" if lang == "zh" else ", "
    params = {
        name: comma.join(cut(str(item)) for item in value) if isinstance(value, tuple) else value
        for name, value in params.items()
    }
    if lang == "zh" and isinstance(rows := params.get("rows"), str):
        params["rows"] = rows.replace(", ", comma).replace(" …", "…")
    value = str(params.get("value", ""))
    words = {"path": value, "quoted": quoted(str(params.get("store", value))), **params}
    words = {
        name: " / ".join(label(key, lang, group) for key in str(value).split(" / "))
        if (group := _PARAM_GROUPS.get(name))
        else value
        for name, value in words.items()
    }
    for name, value in words.items():
        if isinstance(value, Exception) or (isinstance(value, str) and name not in _WHOLE):
            words[name] = cut(str(value))
    if "codes" in words:  # the group whose terms may stand here
        words["allowed"] = comma.join(term.label(lang) for term in terms(words["codes"]).values())
    if "table" in words:
        key = words["table"]
        words["table"] = label(key, lang, "kind" if key in terms("kind") else "relation")
    return _Params(words)


def message(code: str, lang: Lang = "en", params: Mapping[str, Any] | None = None) -> str:
    """Return the text of a message.

    Raises
    ------
    KeyError
        If the code has no row in ``messages.csv``.
    """
    text, given = _messages()[code][lang], params or {}
    if lang == "en" and 1 in given.values():
        text = _singular(text, given)
    return text.format_map(_labelled(given, lang))


def templates(start: str) -> dict[str, list[str]]:
    """Return the messages whose code begins so, as they are written, in English and Chinese.

    Examples
    --------
    >>> templates("page_fa")
    {'page_failed': ['The data cannot be read: {reason}', '数据无法读取：{reason}']}
    """
    return {
        code: [row["en"], row["zh"]] for code, row in _messages().items() if code.startswith(start)
    }


def _singular(text: str, params: Mapping[str, Any]) -> str:
    """Return an English message in which the noun behind a count of one stands in the singular."""

    def one(found: re.Match[str]) -> str:
        if params.get(found["count"]) != 1:
            return found[0]
        noun = _ONE.get(found["noun"], found["noun"].removesuffix("s"))
        verb = _VERBS.get(found["verb"] or "", found["verb"])
        words = [f"{{{found['count']}}}", *found["more"].split(), noun, *([verb] if verb else [])]
        return " ".join(words)

    if str(params.get("rows", "")).isdigit():
        text = text.replace("(rows {rows})", "(row {rows})")
    told = _COUNTED.sub(one, text)
    if told != text:  # a second verb of the same noun
        told = told.replace(" and were ", " and was ").replace(" and make ", " and makes ")
    return told


def remedy(code: str, lang: Lang = "en", params: Mapping[str, Any] | None = None) -> str:
    """Return what to do about a message; empty where there is nothing to do."""
    text, given = _messages()[code][f"remedy_{lang}"], params or {}
    if given.get("nearest") == "–":
        text = _GUESS.sub("", text)
    return text.format_map(_labelled(given, lang))
