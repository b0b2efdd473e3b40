"""Mapping files: what a person, or somebody else's program, may write into one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hostile.cases import LISTS, TABLES, Case, names, put, source

PLAIN = '[[rows]]\n[rows.school]\nid = "id"\nurban_rural = "urban_rural"\n'


def _value(value: str) -> str:
    return PLAIN + f"name = {value}\n"


MAPPINGS: dict[str, str | bytes] = {
    "plain": PLAIN,
    "empty": "",
    "not-toml": "[[rows]\nid",
    "binary": b"\xff\xfe\x00[[rows]]",
    "gbk": "[[rows]]\n[rows.school]\nid = '编号'\n".encode("gbk"),
    "nul": b"[[rows]]\n\x00\n",
    "rows-no-list": "rows = 3\n",
    "rows-empty": "rows = []\n",
    "rows-of-numbers": "rows = [1, 2]\n",
    "kind-no-table": '[[rows]]\nschool = "id"\n',
    "unknown-key": PLAIN + "[[rows.school]]\nidd = 3\n",
    "unknown-long-key": f'[[rows]]\n{"k" * 60_000} = "x"\n',
    "deep": PLAIN + "name = " + "[" * 3_000 + "]" * 3_000 + "\n",
    "deep-tables": "[" + ".".join("a" * 1 for _ in range(4_000)) + "]\nx = 1\n",
    "deep-inline": PLAIN + "name = " + "{a=" * 2_000 + "1" + "}" * 2_000 + "\n",
    "long-number": f'[[rows]]\nheader = {"9" * 5_000}\n[rows.school]\nid = "id"\n',
    "header-zero": '[[rows]]\nheader = 0\n[rows.school]\nid = "id"\n',
    "header-far": '[[rows]]\nheader = 999999999999\n[rows.school]\nid = "id"\n',
    "header-negative": '[[rows]]\nheader = -1\n[rows.school]\nid = "id"\n',
    "header-float": '[[rows]]\nheader = 1.5\n[rows.school]\nid = "id"\n',
    "date-as-value": PLAIN + "name = 2021-09-01\n",
    "number-as-value": PLAIN + "name = 5\n",
    "nan-as-value": PLAIN + "name = nan\n",
    "columns-empty": _value("{ columns = [] }"),
    "columns-of-numbers": _value("{ columns = [1, 2] }"),
    "columns-word": _value('{ columns = "name" }'),
    "columns-10000": _value("{ columns = [" + '"name",' * 10_000 + "] }"),
    "join-number": _value('{ columns = ["id", "name"], join = 3 }'),
    "column-and-value": _value('{ column = "name", value = "x" }'),
    "map-empty": _value('{ column = "name", map = {} }'),
    "map-no-table": _value('{ column = "name", map = 3 }'),
    "map-to-list": _value('{ column = "name", map = { "中心小学" = [1] } }'),
    "split-empty": _value('{ column = "name", split = "" }'),
    "split-list-empty": _value('{ column = "name", split = [] }'),
    "split-pattern": _value('{ column = "name", split = "(a+)+$" }'),
    "split-number": _value('{ column = "name", split = 3 }'),
    "round-huge": PLAIN + 'pupils = { column = "pupils", round = 999999999 }\n',
    "round-word": PLAIN + 'pupils = { column = "pupils", round = "x" }\n',
    "scale-huge": PLAIN + 'pupils = { column = "pupils", scale = 1e308 }\n',
    "scale-nan": PLAIN + 'pupils = { column = "pupils", scale = nan }\n',
    "scale-zero": PLAIN + 'pupils = { column = "pupils", scale = 0 }\n',
    "file-climbs": '[[rows]]\nfile = "../../*"\n[rows.school]\nid = "id"\n',
    "file-absolute": '[[rows]]\nfile = "/etc/passwd"\n[rows.school]\nid = "id"\n',
    "file-stars": f'[[rows]]\nfile = "{"*" * 5_000}x"\n[rows.school]\nid = "id"\n',
    "file-brackets": '[[rows]]\nfile = "[[[!"\n[rows.school]\nid = "id"\n',
    "file-nul": '[[rows]]\nfile = "a\\u0000b"\n[rows.school]\nid = "id"\n',
    "sheet-number": '[[rows]]\nsheet = 3\n[rows.school]\nid = "id"\n',
    "where-number": '[[rows]]\nwhere = 3\n[rows.school]\nid = "id"\n',
    "where-unknown": '[[rows]]\nwhere = { "zz" = ["x"] }\n[rows.school]\nid = "id"\n',
    "where-word": '[[rows]]\nwhere = { "name" = "x" }\n[rows.school]\nid = "id"\n',
    "empty-number": '[[rows]]\nempty = 3\n[rows.school]\nid = "id"\n',
    "bad-rows": '[[rows]]\nbad_rows = "drop"\n[rows.school]\nid = "id"\n',
    "network-wrong": "[network]\nas_of = 3\ntitle = []\n" + PLAIN,
    "network-late": '[network]\nas_of = "9999-12-31"\n' + PLAIN,
    "phases": "[[network.phase]]\nname = 3\n" + PLAIN,
    "surrogate-escape": PLAIN + 'name = { value = "\\ud800" }\n',
    "controls": PLAIN + 'name = { value = "\\u001b[2J\\u0007" }\n',
    "formula": PLAIN + 'name = { value = "=1+1" }\n',
}
FORMATS = (
    "%Y %Y",
    "%",
    "%Q",
    "",
    "%Y" * 5_000,
    "%j",
    "%U",
    "%z",
    "(?P<x>",
    "%%",
    "%d%d",
    "\\u0000",
    "%s",
    "%c",
)
CODES = (
    "rot13",
    "hex",
    "undefined",
    "base64",
    "zlib",
    "\\u0000",
    "",
    "idna",
    "punycode",
    "utf-7",
    "mbcs",
    "x" * 5_000,
    "unicode_escape",
    "../utf8",
    "utf-16",
    "ascii",
)


def cases() -> Iterator[Case]:
    """Return the cases of mappings."""
    for name, text in MAPPINGS.items():
        yield _mapped(f"mapping-{name}", text)
    for number, form in enumerate(FORMATS):
        text = PLAIN + f'opened = {{ column = "opened", format = "{form}" }}\n'
        yield _mapped(f"mapping-format-{number}", text)
    for number, code in enumerate(CODES):
        text = PLAIN.replace("[[rows]]", f'[[rows]]\nencoding = "{code}"')
        yield _mapped(f"mapping-encoding-{number}", text)
    yield _mapped("mapping-encoding-number", PLAIN.replace("[[rows]]", "[[rows]]\nencoding = 3"))
    product = (
        '[[rows]]\n[[rows.assists]]\nsource = { column = "a", split = "、" }\n'
        'target = { column = "b", split = "、" }\n'
    )
    for count, many in ((16_000, False), (1_500, True)):
        text = f"a,b\n{names(count)},{names(count)}\n"
        yield _mapped(f"mapping-splits-{count}", product, text, long=many)
    yield _mapped("mapping-thousand-blocks", PLAIN * 1_000, long=True)
    yield _mapped("mapping-pattern", _value('{ column = "name", split = ["、", "a", "学"] }'))
    yield Case("mapping-a-folder", _folder)
    yield Case("mapping-missing", lambda folder: _with(folder, "nowhere.toml"))
    yield Case("mapping-endless", lambda folder: _with(folder, "/dev/zero"), long=True)
    yield Case("mapping-is-the-source", lambda folder: _with(folder, f"{LISTS}/schools.csv"))
    yield Case("mapping-with-blanks", _blanks)


def _mapped(name: str, text: str | bytes, table: str = "", *, long: bool = False) -> Case:
    def make(folder: Path):
        put(folder / "rules.toml", text)
        rows = [line.split(",") for line in TABLES["schools.csv"].splitlines()]
        days = ("opened", "2001-09-01", "2001", "", "x")
        lines = (",".join((*row, day)) for row, day in zip(rows, days, strict=True))
        put(folder / LISTS / "schools.csv", table or "\n".join(lines) + "\n")
        return source(f"{LISTS}/schools.csv", "--mapping", "rules.toml")

    return Case(name, make, long)


def _with(folder: Path, mapping: str):
    put(folder / LISTS / "schools.csv", TABLES["schools.csv"])
    return source(LISTS, "--mapping", mapping)


def _folder(folder: Path):
    (folder / "rules.toml").mkdir()
    return _with(folder, "rules.toml")


def _blanks(folder: Path):
    put(folder / "my $(touch pwned) rules.toml", PLAIN)
    return _with(folder, "my $(touch pwned) rules.toml")
