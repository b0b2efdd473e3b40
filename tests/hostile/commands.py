"""Every command of the tree, and what it is fed; a new command joins by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import click
from hostile.contract import PASSWORD, Run
from taken import PORT

NOWHERE = f"neo4j://neo4j:{PASSWORD}@127.0.0.1:1"  # nobody listens there
OUT = "out"
EXPORTS = (".xlsx", ".json", ".graphml", ".gexf", ".cypher", ".geojson", ".kml", "")
RESULTS = (".csv", ".xlsx", ".json")

# What stands for a required argument: command (or any) and parameter → words.
FEED: dict[tuple[str, str], tuple[str, ...]] = {
    ("query", "server"): (NOWHERE,),
    ("query", "cypher"): ("MATCH (n) RETURN n",),
    ("template", "out"): (f"{OUT}.xlsx",),
    ("generate", "out"): (OUT,),
    ("extract", "text"): ("report.md",),
    ("import", "store"): (OUT,),
    ("whatif", "scenario"): (),  # the plan of the source
    ("compare", "other"): (),
}
# Options that a command shall always have: outputs in the folder of the case, small work.
ALWAYS: dict[str, tuple[str, ...]] = {
    "demo": ("-o", f"{OUT}.html"),
    "report": ("-o", f"{OUT}.html"),
    "page": ("-o", f"{OUT}.html"),
    "generate": ("--schools", "20"),
    "compare": ("--as-of", "2021-09-01,2023-09-01", "--scope", "all"),
    "whatif": ("--scope", "all"),
    "serve": ("--no-browser", "--port", PORT),
    "sensitivity": ("--draws", "3"),
}
MAKES = (OUT, f"{OUT}.*", f"{OUT}/*", "planner.html")  # the last one made by demo


class UnfedError(AssertionError):
    """A command has a parameter that this suite does not know how to fill."""


@cache
def leaves() -> dict[str, click.Command]:
    """Return every command by the words that call it."""
    from liantu.cli import Group

    return dict(_leaves(Group("en"), ()))


def _leaves(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield " ".join(words), command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None, name
        yield from _leaves(found, (*words, name))


def readers() -> list[str]:
    """Return the commands that read a source, in the order of the tree."""
    return [
        name
        for name, command in leaves().items()
        if any(p.name == "source" for p in command.params)
    ]


def fed(name: str, source: Sequence[str], turn: int = 0) -> Run:
    """Return the run of a command upon a source; `turn` varies format, language and options."""
    command = leaves()[name]
    words = list(ALWAYS.get(name, ()))
    for param in command.params:
        if isinstance(param, click.Argument):
            words += _argument(name, param, source, turn)
        elif param.required and param.name != "output":  # `_where` says where it goes
            raise UnfedError(f"{name}: tell tests/hostile/commands.py what {param.opts[0]} takes")
    options = {option for param in command.params for option in param.opts}
    extra = source[1:] if any(param.name == "source" for param in command.params) else ()
    words += _fitting(extra, options)
    words += _where(options, words, turn)
    if turn % 3 == 0 and "--lang" in options:
        words += ["--lang", "zh"]
    return Run((*name.split(), *words), makes=MAKES)


def _argument(name: str, param: click.Argument, source: Sequence[str], turn: int) -> Sequence[str]:
    known = FEED.get((name, param.name or ""))
    if param.name == "source":
        return source[:1]
    if (name, param.name) == ("export", "out"):
        return (OUT + EXPORTS[turn % len(EXPORTS)],)
    if known is None and (param.required or param.name != "source"):
        raise UnfedError(f"{name}: tell tests/hostile/commands.py what {param.name} takes")
    return known or ()


def _fitting(extra: Sequence[str], options: set[str]) -> Iterator[str]:
    """Yield the options of a source that a command knows; each has one value."""
    for option, value in zip(extra[::2], extra[1::2], strict=True):
        if option in options:
            yield from (option, value)


def _where(options: set[str], words: Sequence[str], turn: int) -> Sequence[str]:
    """Return where a result goes: into a file every other turn, else to stdout in some format."""
    if "--output" not in options or "-o" in words:
        return ()
    if turn % 2 and "--format" in options:
        return ("-o", OUT + RESULTS[turn // 2 % len(RESULTS)])
    if "--format" not in options:
        return ("-o", f"{OUT}.xlsx")
    return ("--format", ("table", "json", "csv")[turn // 2 % 3])
