"""Stores and files of exchange that are damaged, foreign, or made to mislead."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hostile.cases import LISTS, Case, Source, county, put, source
from hostile.contract import run
from hostile.made import EXPORTS, STORE, lay, made

MANIFEST = "liantu.json"
WRONG = (None, 3, "x", [], {}, [1], {"a": 1}, -1, 1e308, True, "9" * 4_000)
JSON_VALUES = {
    "2-63": "9223372036854775808",
    "2-64": "18446744073709551616",
    "digits": "9" * 5_000,
    "infinity": "1e400",
    "nan": "NaN",
    "minus-infinity": "-Infinity",
    "lone-surrogate": '"\\ud800"',
    "nul": '"a\\u0000b"',
    "noncharacter": '"\\uffff"',
    "list": "[[[1]]]",
    "record": '{"a": {"b": 1}}',
    "deep": "[" * 900 + "]" * 900,
    "deeper": "[" * 20_000 + "]" * 20_000,
    "long": '"' + "x" * 200_000 + '"',
    "true": "true",
    "fraction": "0.5",
}


def cases() -> Iterator[Case]:
    """Return the cases of stores."""
    yield from _manifests()
    yield from _tables()
    yield from _json()
    yield from _graphml()
    yield from _exports()


def _manifests() -> Iterator[Case]:
    for name, text in {
        "empty": b"",
        "list": b"[]",
        "null": b"null",
        "number": b"3",
        "cut": made_manifest()[: len(made_manifest()) // 2],
        "binary": b"\xff\xfe\x00\x01",
        "deep": b"[" * 100_000,
        "digits": b'{"format": ' + b"9" * 5_000 + b"}",
        "nan": b'{"format": NaN}',
        "surrogate": b'{"format": 1, "title": "\\ud800"}',
        "export": made()["net.json"],
        "foreign": b'{"name": "liantu", "version": "1.0"}',
    }.items():
        yield _store(f"manifest-{name}", text, long=name in ("null", "number", "nan"))
    keys = json.loads(made_manifest())
    for key in keys:
        changed = {k: v for k, v in keys.items() if k != key}
        yield _store(f"manifest-without-{key}", _signed(changed, key))
        for number, value in enumerate(WRONG):
            text = _signed({**keys, key: value}, key)
            yield _store(f"manifest-{key}-{number}", text, long=number != len(key) % 4)
    for place in (
        "..",
        "../..",
        "/etc",
        "data-" + "0" * 16,
        "a/../..",
        "",
        "\0",
        "data-" + "g" * 16,
    ):
        text = _signed({**keys, "generation": place}, "")
        yield _store(f"manifest-leads-to-{place.replace('/', '-')!a}", text)
    for name in ("../school.parquet", "/etc/passwd", "nothing.parquet"):
        text = _signed({**keys, "files": {**keys["files"], name: {"rows": 1}}}, "")
        yield _store(f"manifest-names-{name.replace('/', '-')}", text)
    for key in keys["files"]["school.parquet"]:
        for number, value in enumerate(WRONG[:5]):
            file = {**keys["files"]["school.parquet"], key: value}
            text = _signed({**keys, "files": {**keys["files"], "school.parquet": file}}, "")
            yield _store(f"manifest-file-{key}-{number}", text, long=number != 2)


def made_manifest() -> bytes:
    """Return the manifest of a sound store."""
    return made()[f"{STORE}/{MANIFEST}"]


def _signed(manifest: dict[str, Any], key: str) -> bytes:
    """Return a manifest with the digest of what it says: forged, not only damaged."""
    if key != "digest":
        said = {k: v for k, v in manifest.items() if k != "digest"}
        text = json.dumps(said, sort_keys=True).encode()
        manifest = {**said, "digest": hashlib.blake2b(text, digest_size=16).hexdigest()}
    return json.dumps(manifest, ensure_ascii=True).encode()


def _store(name: str, manifest: bytes, *, long: bool = False) -> Case:
    def make(folder: Path) -> Source:
        lay(folder, STORE, {MANIFEST: manifest})
        return source(STORE)

    return Case(name, make, long)


def _tables() -> Iterator[Case]:
    """Rows that are cut, changed, of another store, or gone."""

    def changed(name: str, change: Callable[[bytes], bytes | None], file: str, long: bool) -> Case:
        def make(folder: Path) -> Source:
            generation = json.loads(made_manifest())["generation"]
            place = f"{generation}/{file}"
            lay(folder, STORE, {place: change(made()[f"{STORE}/{place}"])})
            return source(STORE)

        return Case(name, make, long)

    for file in ("school.parquet", "teacher.parquet"):
        for share in (0, 0.3, 0.9, 0.999):
            yield changed(
                f"cut-{share}-{file}",
                lambda data, share=share: data[: int(len(data) * share)],
                file,
                share != 0.9,
            )
        yield changed(f"gone-{file}", lambda _: None, file, False)
        yield changed(f"text-{file}", lambda _: b"id,name\n", file, True)
        for seed in range(30):
            yield changed(
                f"flipped-{seed}-{file}",
                lambda data, seed=seed: _flipped(data, seed),
                file,
                seed > 2,
            )

    def without(folder: Path) -> Source:
        lay(folder, STORE, {MANIFEST: None})
        return source(STORE)

    def bare(folder: Path) -> Source:
        put(folder / STORE / MANIFEST, made_manifest())
        return source(STORE)

    def folder_for_manifest(folder: Path) -> Source:
        (lay(folder, STORE, {MANIFEST: None}) / MANIFEST).mkdir()
        return source(STORE)

    def beside_lists(folder: Path) -> Source:
        lists = county(folder)
        put(lists / MANIFEST, made()["net.json"])
        return source(LISTS)

    def into_lists(folder: Path):
        lists = county(folder)
        (lists / ("data-" + "0" * 16)).mkdir()
        put(lists / ("data-" + "0" * 16) / "precious.txt", "x")
        put(lists / MANIFEST, made()["net.json"])
        return [run("import", "case:demo", LISTS), run("import", "case:demo", LISTS, "--replace")]

    def foreign_rows(folder: Path):
        lay(folder, STORE)
        put(folder / STORE / ("data-" + "f" * 16) / "precious.txt", "x")
        own = json.loads(made_manifest())["generation"]
        county(folder)
        makes = (
            f"{STORE}/{own}*",
            f"{STORE}/{MANIFEST}",
            f"{STORE}/data-*/*.parquet",
            f"{STORE}/.lock",
            f"{STORE}/.*",
        )
        fresh = [f"{STORE}/data-{'f' * number}[!f]*" for number in range(16)]  # all but that one
        return [run("import", LISTS, STORE, makes=(*makes, *fresh))]

    def into_a_file(folder: Path):
        county(folder)
        return [run("import", LISTS, f"{LISTS}/schools.csv"), run("import", LISTS, LISTS)]

    yield Case("store-without-manifest", without)
    yield Case("store-of-a-manifest-alone", bare)
    yield Case("store-with-a-folder-for-manifest", folder_for_manifest)
    yield Case("export-called-as-a-manifest", beside_lists)
    yield Case("import-into-lists", into_lists)
    yield Case("import-sweeps-its-own-only", foreign_rows)
    yield Case("import-into-the-source", into_a_file)


def _flipped(data: bytes, seed: int) -> bytes:
    dice = random.Random(seed)
    found = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        found[dice.randrange(len(found))] = dice.randrange(256)
    return bytes(found)


def _json() -> Iterator[Case]:
    sound = made()["net.json"].decode()
    for name, value in JSON_VALUES.items():
        for key, old in (
            ("pupils", '"pupils": 900'),
            ("name", '"name": "中心小学"'),
            ("title", '"title": "试验县"'),
            ("as_of", '"as_of": "2022-05-11"'),
            ("version", '"version": 1'),
            ("start", '"start": "2021-09-01"'),
        ):
            text = sound.replace(old, f'"{key}": {value}', 1)
            assert text != sound
            yield _file(f"json-{key}-{name}", text, "net.json", long=key not in ("pupils", "name"))
        yield _file(
            f"json-school-{name}",
            f'{{"format": "liantu", "school": {value}}}',
            "net.json",
            long=True,
        )
        yield _file(
            f"json-row-{name}",
            f'{{"format": "liantu", "school": [{value}]}}',
            "net.json",
            long=True,
        )
    for key in ("phases", "goals", "phase", "goal", "fingerprint", "report"):
        for number, value in enumerate(("3", '"x"', "[1]", '[{"id": 1}]', "{}", "null")):
            text = sound.replace('"title"', f'"{key}": {value}, "title"', 1)
            yield _file(f"json-{key}-{number}", text, "net.json", long=number not in (0, 3))
    twice = sound.replace('"id": "0130"', '"id": "0130", "id": "0131"', 1)
    yield _file("json-key-twice", twice, "net.json")
    yield _file("json-surrogate-key", '{"format": "liantu", "\\ud800": [{"id": "a"}]}', "net.json")
    yield _file(
        "json-surrogate-column",
        '{"format": "liantu", "school": [{"id": "a", "\\udfff": 1}]}',
        "net.json",
    )


def _graphml() -> Iterator[Case]:
    sound = made()["net.graphml"].decode()
    for name, old, new in (
        ("infinity", ">900<", ">INF<"),
        ("nan", ">900<", ">NaN<"),
        ("digits", ">900<", f">{'9' * 5_000}<"),
        ("float", ">900<", ">1e400<"),
        ("escaped-surrogate", ">中心小学<", ">_xD800_<"),
        ("escaped-control", ">中心小学<", ">_x0007__x0000_<"),
        ("type", 'attr.type="string"', 'attr.type="complex"'),
        ("no-type", 'attr.type="string"', ""),
        ("undirected", 'edgedefault="directed"', 'edgedefault="undirected"'),
        ("key-unknown", '<data key="', '<data key="zz'),
        ("node-twice", "</graph>", '<node id="x"/><node id="x"/></graph>'),
        ("hyperedge", "</graph>", "<hyperedge/></graph>"),
        ("no-end", "</graph>", '<edge source="x"/></graph>'),
        (
            "nested",
            "</graph>",
            '<node id="q"><graph id="g" edgedefault="directed"/></node></graph>',
        ),
        ("two-graphs", "</graphml>", '<graph edgedefault="directed"/></graphml>'),
        (
            "entity",
            "<graphml",
            '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]><graphml',
        ),
    ):
        assert old in sound, name
        yield _file(f"graphml-{name}", sound.replace(old, new, 1), "net.graphml")
    names = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    laughs = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{names}]><graphml>&e9;</graphml>'
    yield _file("graphml-laughs", laughs, "net.graphml")
    outside = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><graphml>&f;</graphml>'
    yield _file("graphml-outside", outside, "net.graphml")
    yield _file("graphml-deep", "<graphml>" + "<a>" * 100_000, "net.graphml")
    for depth in (500, 100_000):
        text = sound.replace(
            "</node>", '<data key="obs">' + "[" * depth + "]" * depth + "</data></node>", 1
        )
        keyed = text.replace(
            "<graph ",
            '<key id="obs" for="node" attr.name="observations" attr.type="string"/><graph ',
            1,
        )
        yield _file(f"graphml-observations-{depth}", keyed, "net.graphml")


def _exports() -> Iterator[Case]:
    for name in EXPORTS[:-1]:
        data = made()[name]
        for share in (0.2, 0.8, 0.99):
            yield _file(
                f"cut-{share}-{name}", data[: int(len(data) * share)], name, long=share != 0.8
            )
        for seed in range(40):
            yield _file(f"flipped-{seed}-{name}", _flipped(data, seed), name, long=seed > 1)
    for name, change in {
        "doubled-column": {"school.csv": b"id,name,name\n0130,a,b\n"},
        "doubled-id": {"school.csv": b"id,id\n0130,0131\n"},
        "two-shapes": {"学校.csv": b"id,name\n0130,a\n"},
        "lost-table": {"teacher.csv": None},
        "empty-table": {"school.csv": b""},
        "no-id": {"school.csv": b"name\na\n"},
        "binary": {"school.csv": bytes(range(256))},
    }.items():

        def make(folder: Path, change: dict[str, bytes | None] = change) -> Source:
            lay(folder, "net", change)
            return source("net")

        yield Case(f"folder-{name}", make)


def _file(name: str, data: str | bytes, file: str, *, long: bool = False) -> Case:
    def make(folder: Path) -> Source:
        put(folder / file, data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
        return source(file)

    return Case(name, make, long)
