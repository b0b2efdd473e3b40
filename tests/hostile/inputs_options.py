"""Options, addresses and outputs: nonsense for every option of every command, places of every kind."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from hostile.cases import LISTS, TABLES, Case, put, small
from hostile.commands import MAKES, NOWHERE, OUT, fed, leaves, readers
from hostile.contract import PASSWORD, Run, run

NONSENSE = (
    "9999-12-31", "0001-01-01", "99999y", "-1", "0", "nan", "inf", "1e400", "9" * 5_000, "", " ",
    "2021-02-30", "3.5", ",", ",,,", "x" * 3_000, "--help", "\x1b[31m", "a\nb", "\udcff\udcfe",
    "９", "{value}", "%s", "../..", "/dev/full", "case:demo", "12m,12m", "学", "=1+1", "$(touch pwned)",
    "0m", "1w", "9223372036854775808", "2021-09", "school", "/", ".",
)  # fmt: skip
MISSPELT = (
    f"neo4j:anna:{PASSWORD}@h",
    f"neo4j:/anna:{PASSWORD}@h/x",
    f"neo4j//anna:{PASSWORD}@h",
    f"neo4j:///anna:{PASSWORD}@h",
    f"neo4j:\\\\anna:{PASSWORD}@h",
    f"neo4j;//anna:{PASSWORD}@h",
    f"neo4j：//anna：{PASSWORD}＠h",
    f"ne4j://anna:{PASSWORD}@h:7687",
    f"NEO4J://anna:{PASSWORD}@h:port",
    f" neo4j://anna:{PASSWORD}@h h/x",
    f"bolt://anna:{PASSWORD}@[::1",
    f"neo4j://anna:{PASSWORD}@@h",
    f"neo4j://anna:{PASSWORD}@h?network=",
    f"neo4j://anna:{PASSWORD}@h/a/b/c?x=1#f",
    f"neo4j://anna:{PASSWORD}/@h",
    f"neo4j://anna:p@{PASSWORD}@127.0.0.1:1",
    f"neo4j://anna:{PASSWORD} x@127.0.0.1:1",
    f"neo4j://anna:“{PASSWORD}”@h:x",
    f"anna:{PASSWORD}@h:7687",
    f"//anna:{PASSWORD}@h:7687/db",
    f"neo4j://anna:{PASSWORD}%40h",
    f"neo4j://h:7687?user=anna&password={PASSWORD}",
    f"neo4j://:{PASSWORD}@127.0.0.1:1",
    f"https://anna:{PASSWORD}@h/list.csv",
    f"neo4j://anna:{PASSWORD}@127.0.0.1:99999",
    NOWHERE,
)


def cases() -> Iterator[Case]:
    """Return the cases of options."""
    yield from _nonsense()
    yield from _addresses()
    yield from _outputs()
    yield from _kept()


def _nonsense() -> Iterator[Case]:
    """Every option of every command: one word in the short run, all in the long one."""
    for name, command in leaves().items():
        options = [
            param.opts[-1]
            for param in command.params
            if isinstance(param, click.Option) and not param.is_flag
        ]
        seen = 0
        for option in options:
            turn = zlib.crc32(f"{name}{option}".encode())
            for number, value in enumerate(NONSENSE):
                short = number == turn % len(NONSENSE) and seen < 4
                seen += short
                yield _option(name, option, value, number, long=not short)
        for number, value in enumerate(NONSENSE):
            yield _argument(name, value, number, long=number != zlib.crc32(name.encode()) % 18)


def _option(name: str, option: str, value: str, number: int, *, long: bool) -> Case:
    def make(folder: Path) -> list[Run]:
        small(folder)
        plain = fed(name, [LISTS], 4)
        words = [value if word == option else word for word in plain.args]
        return [plain._replace(args=(*words, f"{option}={value}"))]

    return Case(f"option-{name}{option}-{number}", make, long)


def _argument(name: str, value: str, number: int, *, long: bool) -> Case:
    def make(folder: Path) -> list[Run]:
        small(folder)
        plain = fed(name, [LISTS], 4).args
        words = tuple(value if word in (LISTS, NOWHERE) else word for word in plain)
        many = run(*name.split(), value, value, value, value)
        return [many] if words == plain else [Run(words, makes=MAKES), many]

    return Case(f"argument-{name}-{number}", make, long)


def _addresses() -> Iterator[Case]:
    for number, address in enumerate(MISSPELT):

        def make(folder: Path, address: str = address) -> list[Run]:
            small(folder)
            return [
                run("info", address),
                run("query", address, "RETURN 1", "--lang", "zh"),
                run("import", LISTS, address),
                run("coverage", LISTS, "--write-back", address),
                run("coverage", LISTS, "--remove-write-back", address),
                run("ties", LISTS, "-o", address),
                run("report", LISTS, "--mapping", address, "-o", "out.html", makes=MAKES),
                run("check", address),
                run("audit", LISTS, "--claims", address),
                run("ties", LISTS, "--region", address, "--as-of", address),
                run(address),
                run("ties", LISTS, f"--{address}"),
                run("export", LISTS, address),
            ]

        yield Case(f"misspelt-{number}", make, number % 5 > 0)


def _spellings(folder: Path) -> Iterator[str]:
    """Yield ways to name the source list: relative, absolute, by links, in other case."""
    yield f"{LISTS}/schools.csv"
    yield str(folder / LISTS / "schools.csv")
    yield f"./{LISTS}/../{LISTS}/./schools.csv"
    (folder / "link.csv").symlink_to(folder / LISTS / "schools.csv")
    yield "link.csv"
    (folder / "linked").symlink_to(folder / LISTS)
    yield "linked/schools.csv"
    os.link(folder / LISTS / "schools.csv", folder / "hard.csv")
    yield "hard.csv"


def _outputs() -> Iterator[Case]:
    """An output is never the source, nor a file in its folder."""

    def writers() -> Iterator[str]:
        return (name for name in readers() if "--output" in _options(name))

    for name in writers():

        def onto(folder: Path, name: str = name) -> list[Run]:
            small(folder)
            plain, runs = fed(name, [LISTS], 4), []
            words = _without_output(plain.args)
            for place in _spellings(folder):
                makes = (place,) if place == "hard.csv" else ()  # a name of its own may be replaced
                runs += [
                    run(*each, "-o", place, makes=makes)
                    for each in (_renamed(words, f"{LISTS}/schools.csv"), words)
                ]
            for suffix in (".csv", ".xlsx", ".json", ".html", ".md"):
                runs.append(run(*words, "-o", f"{LISTS}/fresh{suffix}"))
                runs.append(run(*words, "-o", f"linked/fresh{suffix}"))
            runs.append(run(*words, "-o", LISTS))
            runs.append(run(*words, "-o", f"{LISTS}/network.toml"))
            return runs

        yield Case(f"onto-the-source-{name}", onto, name not in ("check", "coverage", "report"))

    def exports(folder: Path) -> list[Run]:
        lists = small(folder)
        runs = [
            run("export", LISTS, f"{LISTS}/{name}")
            for name in ("a.json", "a.xlsx", "sub", "schools.csv")
        ]
        runs += [run("export", LISTS, LISTS), run("export", LISTS, f"{LISTS}/../{LISTS}")]
        runs += [run("import", LISTS, LISTS), run("import", LISTS, f"{LISTS}/store")]
        runs += [
            run("generate", f"{LISTS}/schools.csv"),
            run("template", str(lists / "schools.csv")),
        ]
        return runs

    def again(folder: Path) -> list[Run]:
        from hostile.made import lay, made

        runs = []
        for name in ("net.json", "net.graphml", "net.gexf", "net.xlsx"):
            put(folder / name, made()[name])
            runs.append(run("export", name, name))
            runs.append(run("export", f"./{name}", str(folder / name)))
        lay(folder, "net")
        lay(folder, "store")
        return [
            *runs,
            run("export", "net", "net"),
            run("export", "store", "store"),
            run("import", "net", "net"),
        ]

    def onto_mapping(folder: Path) -> list[Run]:
        put(folder / "schools.csv", TABLES["schools.csv"])
        put(
            folder / "rules.csv",
            '[[rows]]\n[rows.school]\nid = "id"\nurban_rural = "urban_rural"\n',
        )
        put(folder / "claims.csv", TABLES["claims.toml"])
        mapped = ("schools.csv", "--mapping", "rules.csv")
        return [
            run("coverage", *mapped, "-o", "rules.csv"),
            run("check", *mapped, "-o", "rules.csv"),
            run("audit", "schools.csv", "--claims", "claims.csv", "-o", "claims.csv"),
        ]

    yield Case("export-onto-the-source", exports)
    yield Case("export-onto-itself", again)
    yield Case("onto-mapping-and-claims", onto_mapping)


def _options(name: str) -> set[str]:
    return {option for param in leaves()[name].params for option in param.opts}


def _without_output(words: Sequence[str]) -> list[str]:
    """Return words without what names output and format."""
    found, skip = [], False
    for word in words:
        if skip or word in ("-o", "--format"):
            skip = not skip
        else:
            found.append(word)
    return found


def _renamed(words: Sequence[str], source: str) -> list[str]:
    return [source if word == LISTS else word for word in words]


def _kept() -> Iterator[Case]:
    """What a person may have filled in is kept; places that are no good are told."""

    def filled(folder: Path) -> list[Run]:
        put(folder / "t.xlsx", b"filled in by hand")
        put(folder / "region" / "my.csv", "a,b\n")
        put(folder / "region" / "school.csv", "id\nmine\n")
        small(folder)
        runs = [run("template", "t.xlsx"), run("generate", "region", "--schools", 20)]
        runs += [run("export", LISTS, "region")]
        if "draft" in leaves():
            runs.append(run("draft", LISTS, "-o", "t.xlsx"))
        return runs

    def places(folder: Path) -> list[Run]:
        small(folder)
        (folder / "dir.csv").mkdir()
        (folder / "shut").mkdir()
        (folder / "shut").chmod(0o555)
        if hasattr(os, "mkfifo"):
            os.mkfifo(folder / "pipe.csv")
        (folder / "gone.csv").symlink_to("nowhere/else.csv")
        (folder / "loop.csv").symlink_to("loop.csv")
        names = (
            "dir.csv", "nowhere/a.csv", "pipe.csv", "gone.csv", "loop.csv", "/dev/full", "/proc/a.csv",
            "", ".", "..", "/", "\udcff\udcfe/a.csv", "学" * 90 + ".csv", "a" * 300 + ".csv", "a\nb/c.csv", "a.exe", "a",
        )  # fmt: skip
        runs = [run("ties", LISTS, "-o", name) for name in names]
        runs += [
            run("export", LISTS, name)
            for name in ("dir.json/a.json", "/dev/full", "pipe.csv", "", "loop.csv", "a.exe")
        ]
        runs += [
            run("template", name)
            for name in ("", "pipe.csv", "nowhere/t.xlsx", "a.csv", "loop.csv")
        ]
        runs += [
            run("report", LISTS, "-o", name)
            for name in ("dir.csv", "nowhere/a.html", "/dev/full", "a.exe")
        ]
        runs += [
            run("generate", name, "--schools", 20)
            for name in ("", "/dev/full", "nowhere/a/b", "loop.csv")
        ]
        runs += [
            run("import", LISTS, name)
            for name in ("", "/dev/full", "nowhere/a", "pipe.csv", "loop.csv", "a.csv")
        ]
        return runs

    def longest(folder: Path) -> list[Run]:
        small(folder)
        names = ("n" * 251 + ".csv", "学" * 83 + "ab.csv", "n" * 250 + ".xlsx", "n" * 250 + ".json")
        runs = [run("ties", LISTS, "-o", name, makes=(name,), codes=(0,)) for name in names]
        for suffix in (".graphml", ".json", ".xlsx", ""):
            name = "e" * (255 - len(suffix)) + suffix
            runs.append(run("export", LISTS, name, makes=(name, f"{name}/*"), codes=(0,)))
        name = "r" * 250 + ".html"
        runs.append(run("report", LISTS, "-o", name, makes=(name,), codes=(0,)))
        name = "t" * 250 + ".xlsx"
        return [*runs, run("template", name, makes=(name,), codes=(0,))]

    def modes(folder: Path) -> list[Run]:
        small(folder)
        runs = []
        for suffix in (".csv", ".xlsx", ".json"):
            put(folder / f"{OUT}{suffix}", "old").chmod(0o600)
            runs.append(run("ties", LISTS, "-o", f"{OUT}{suffix}", makes=MAKES, codes=(0,)))
        put(folder / f"{OUT}.html", "old").chmod(0o640)
        runs.append(run("report", LISTS, "-o", f"{OUT}.html", makes=MAKES, codes=(0,)))
        for suffix in (".graphml", ".json"):
            put(folder / f"{OUT}{suffix}", "old").chmod(0o600)
            runs.append(run("export", LISTS, f"{OUT}{suffix}", makes=MAKES))
        put(folder / "shut.csv", "old").chmod(0o444)
        return [*runs, run("ties", LISTS, "-o", "shut.csv", makes=("shut.csv",))]

    def swept(folder: Path) -> list[Run]:
        small(folder)
        put(folder / ".mine.999999.part.csv.keep", "x")
        put(folder / ".liantu-notes", "x")
        return [run("ties", LISTS, "-o", f"{OUT}.csv", makes=(f"{OUT}.csv",), codes=(0,))]

    def twice(folder: Path) -> list[Run]:
        small(folder)
        nightly = [
            run("ties", LISTS, "-o", f"{OUT}.csv", makes=MAKES, codes=(0,)),
            run("coverage", LISTS, "-o", f"{OUT}.xlsx", makes=MAKES, codes=(0,)),
            run("check", LISTS, "-o", f"{OUT}.json", "--format", "json", makes=MAKES),
        ]
        return nightly * 2

    yield Case("filled-in-is-kept", filled)
    yield Case("places-that-are-no-good", places)
    yield Case("longest-names", longest)
    yield Case("modes-are-kept", modes)
    yield Case("other-hidden-files-are-kept", swept)
    yield Case("a-nightly-script", twice)
