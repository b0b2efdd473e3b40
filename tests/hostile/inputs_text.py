"""Encodings and structure: bytes that are no list, and lists that are no table."""

from __future__ import annotations

import codecs
import os
import random
from collections.abc import Iterator
from pathlib import Path

from hostile.cases import LISTS, TABLES, Case, Source, county, put, source, spoilt, table

SCHOOLS = TABLES["schools.csv"]
HEAD = "id,name,urban_rural\n"


def cases() -> Iterator[Case]:
    """Return the cases of text."""
    yield from _encodings()
    yield from _structure()
    yield from _places()


def _encodings() -> Iterator[Case]:
    for code in ("gb18030", "utf-16", "utf-16-le", "utf-8-sig", "utf-32", "big5hkscs", "utf-7"):
        yield table(f"encoded-{code}", SCHOOLS.encode(code, "replace"), long=code == "utf-7")
    gbk = "东村小学".encode("gbk")
    yield table("gbk-then-utf8", HEAD.encode() + b"a," + gbk + b",220\nb," + "西".encode() + b"\n")
    yield table("invalid-utf8", HEAD.encode() + b"a,\xff\xfe\xfa,220\n")
    yield table("overlong-utf8", HEAD.encode() + b"a,\xc0\xaf\xe0\x80\xaf,220\n")
    yield table("surrogates-in-utf8", HEAD.encode() + b"a,\xed\xa0\x80,220\n")
    yield table("nul-bytes", HEAD.encode() + b"a\0b,c\0,220\n")
    yield table("nul-in-utf16", codecs.BOM_UTF16_LE + "id,name\na\0,b\n".encode("utf-16-le"))
    yield table("half-utf16", codecs.BOM_UTF16_BE + b"\x00i\x00d\x00")
    yield table("lone-utf16-surrogate", codecs.BOM_UTF16_LE + b"i\0d\0\n\0\x00\xd8a\0\n\0")
    yield table("three-boms", codecs.BOM_UTF8 * 3 + SCHOOLS.encode())
    yield table("bom-alone", codecs.BOM_UTF8)
    for seed in range(40):
        dice = random.Random(seed)
        data = bytearray(SCHOOLS.encode())
        for _ in range(dice.randint(1, 12)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        yield table(f"flipped-bytes-{seed}", bytes(data), long=seed > 2)
        yield table(f"random-bytes-{seed}", dice.randbytes(dice.randint(1, 4000)), long=seed > 1)


def _structure() -> Iterator[Case]:
    yield table("empty-file", "")
    yield table("blanks-only", "\n \n,,\n\t\n")
    yield table("header-only", HEAD)
    yield table("no-header", "1,2,3\n4,5,6\n")
    yield table("bare-cr", SCHOOLS.replace("\n", "\r"))
    yield table("mixed-line-ends", "id,name\r\na,b\rc,d\ne,f\n\r\n")
    yield table("quoted-newlines", 'id,name,urban_rural\n"a\nb","c\r\n\r\nd",220\n')
    yield table("open-quote", 'id,name\na,"b\nc,d\n')
    yield table("quotes-everywhere", '"id""","name"\n"""","""""",\n\'a\',"b"c\n')
    yield table("long-cell", HEAD + "a," + "长" * 100_000 + ",220\n")
    yield table("too-long-cell", HEAD + 'a,"' + "x" * 200_000 + '",220\n')
    yield table("long-id", HEAD + "x" * 100_000 + ",a,220\n")
    yield table("long-header", "id," + "列" * 100_000 + "\na,b\n")
    yield table("17000-columns", "id," + ",".join(f"c{n}" for n in range(17_000)) + "\na,b\n")
    wide = "id," + ",".join(f"c{n}" for n in range(16_000)) + "\na,b\n"
    yield table("16000-columns", wide, long=True)
    yield table("wide-row", HEAD + "a" + "," * 20_000 + "\n")
    yield table("ragged", "id,name\n" + "".join(f"r{n}{',x' * (n % 9)}\n" for n in range(200)))
    yield table("separators-mixed", "id;name\ta,b\n1,2;3\t4\n")
    yield table("header-twice", "id,id,name,name\na,b,c,d\n")
    yield table("same-id-often", HEAD + "a,b,220\n" * 3_000)
    yield table("same-id-other-values", HEAD + "".join(f"a,n{n},220\n" for n in range(3_000)))
    yield table(
        "many-errors", "id,stage,pupils\n" + "".join(f"s{n},??,-{n}x\n" for n in range(3000))
    )
    yield table("only-newlines", "\n" * 1_000_000 + HEAD + "a,b,220\n")
    yield spoilt("doubled-column", {"assists.csv": "source,target,target,form\n0130,0131,0132,\n"})
    yield spoilt("two-files-of-a-kind", {"学校.csv": SCHOOLS, "school.csv": SCHOOLS})
    yield spoilt("csv-that-is-a-workbook", {"schools.csv": b"PK\x03\x04" + bytes(range(256))})
    yield spoilt("csv-that-is-html", {"schools.csv": "<html><body><table><tr><td>a</td></table>"})
    yield spoilt("own-folder-doubled", {"school.csv": "id,id\na,b\n", "schools.csv": None})

    def exported(folder: Path) -> Source:
        county(folder, {"network.toml": 'as_of = "2022-05-11"\nfingerprint = "sha256:00"\n'})
        put(folder / LISTS / "school.csv", "id,name,name\na,b,c\n")
        return source(LISTS)

    yield Case("own-folder-with-a-doubled-column", exported)
    for name, text in {
        "not-toml": "as_of = = 3",
        "wrong-types": "as_of = 3\ntitle = [1]\nphase = 4\n",
        "phase-no-table": "phase = [1, 2]\n",
        "late": 'as_of = "9999-12-31"\n',
        "date-time": "as_of = 2022-05-11T10:00:00Z\n",
        "deep": "title = " + "[" * 3_000 + "]" * 3_000 + "\n",
        "long-number": "as_of = " + "9" * 5_000 + "\n",
        "binary": b"\xff\xfe\x00",
        "goals-wrong": "goal = 5\n",
        "goals-odd": '[[goal]]\nid = 3\nrule = "no"\nshare = inf\nwindow = "99999y"\n',
        "unknown": f'titel = "x"\n{"k" * 50_000} = 1\n',
    }.items():
        yield spoilt(f"settings-{name}", {"network.toml": text})
    for name, text in {
        "not-toml": "[[claim]\n",
        "wrong-types": "claim = 3\n",
        "empty": "",
        "deep": "claim = " + "[" * 3_000 + "]" * 3_000,
        "values": '[[claim]]\nid = "a"\nvalue = nan\ncomparison = "="\nmeasure = { count = "school" }\n',
        "measure": '[[claim]]\nid = "a"\nvalue = 1\nmeasure = { analysis = "coverage", cell = 3 }\n',
        "long-number": f'[[claim]]\nid = "a"\nvalue = {"9" * 5_000}\nmeasure = {{ count = "school" }}\n',
    }.items():
        yield spoilt(f"claims-{name}", {"claims.toml": text})


def _places() -> Iterator[Case]:
    def folder_as_file(folder: Path) -> Source:
        (folder / LISTS / "schools.csv").mkdir(parents=True)
        return source(f"{LISTS}/schools.csv")

    def folder_among_files(folder: Path) -> Source:
        (county(folder) / "学校.csv").mkdir()
        return source(LISTS)

    def unreadable(folder: Path) -> Source:
        (county(folder) / "schools.csv").chmod(0)
        return source(LISTS)

    def loop(folder: Path) -> Source:
        lists = county(folder)
        (lists / "学校.csv").symlink_to("school.csv")
        (lists / "school.csv").symlink_to("学校.csv")
        return source(LISTS)

    def itself(folder: Path) -> Source:
        (folder / "me.csv").symlink_to("me.csv")
        return source("me.csv")

    def dangling(folder: Path) -> Source:
        (county(folder) / "学校.xlsx").symlink_to("nowhere.xlsx")
        return source(LISTS)

    def pipe(folder: Path) -> Source:
        os.mkfifo(county(folder) / "pipe.csv")
        return source(LISTS)

    def lone_pipe(folder: Path) -> Source:
        os.mkfifo(folder / "pipe.csv")
        return source("pipe.csv")

    def gbk_path(folder: Path) -> Source:
        lists = county(folder)
        name = os.fsdecode("名单".encode("gbk"))
        lists.rename(folder / name)
        return source(name)

    def gbk_file(folder: Path) -> Source:
        lists = county(folder)
        name = os.fsdecode("学校".encode("gbk") + b".csv")
        (lists / "schools.csv").rename(lists / name)
        return source(f"{LISTS}/{name}")

    def gbk_among(folder: Path) -> Source:
        lists = county(folder)
        (lists / os.fsdecode("学校".encode("gbk") + b".csv")).write_text("id\nz\n")
        return source(LISTS)

    def odd_names(folder: Path) -> Source:
        lists = county(folder)
        for name in (
            "a\nb.csv",
            "\x1b[31mred.csv",
            "$(touch pwned).csv",
            "=1+1.csv",
            "学" * 80 + ".csv",
        ):
            (lists / name).write_text("id\nz\n")
        return source(LISTS)

    def odd_folder(folder: Path) -> Source:
        name = "a$(touch pwned) `b` 'c' \"d\" ; & |\n\x1b[2Je"
        county(folder).rename(folder / name)
        return source(name)

    yield Case("a-folder-called-csv", folder_as_file)
    yield Case("a-folder-among-files", folder_among_files)
    yield Case("unreadable-file", unreadable)
    yield Case("links-in-a-circle", loop)
    yield Case("link-to-itself", itself)
    yield Case("dangling-link", dangling)
    if hasattr(os, "mkfifo"):
        yield Case("named-pipe-among-files", pipe)
        yield Case("named-pipe", lone_pipe)
        yield Case("folder-named-in-gbk", gbk_path)
        yield Case("file-named-in-gbk", gbk_file)
        yield Case("other-file-named-in-gbk", gbk_among)
        yield Case("odd-file-names", odd_names)
        yield Case("odd-folder-name", odd_folder)
    for number, name in enumerate(
        ("", " ", ".", "..", "/dev/null", "/dev/zero", "x" * 300, "a/" * 3000)
    ):
        yield Case(f"source-{number}", lambda folder, name=name: source(name), number > 3)
    for number, name in enumerate(
        ("case:../../..", "case:", "case:/etc", "neo4j://", "http://h/a.csv")
    ):
        yield Case(f"address-{number}", lambda folder, name=name: source(name))
