"""The end of the report: what its words mean, the data and their gaps, how to get it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

import liantu
from liantu import vocabulary
from liantu.graph import schema
from liantu.reports.places import located
from liantu.results.asked import Asked
from liantu.results.blocks import Annex, Block, Facts, Items, Picture, Section, Table, Text
from liantu.results.sections import ROWS


def closing(
    asked: Asked, body: Iterable[Section], annexes: tuple[Annex, ...]
) -> tuple[Section, ...]:
    """Return definitions, data, warnings and the commands that give every figure again."""
    parts = {
        "definitions": _definitions(asked),
        "in_data": _in_data(asked),
        "load_warnings": _warnings(asked),
        "reproduction": _reproduction(asked, body, annexes),
    }
    return tuple(
        Section(key, asked.say(key), tuple(blocks)) for key, blocks in parts.items() if blocks
    )


# -- words ------------------------------------------------------------------------------------


def _definitions(asked: Asked) -> list[Block]:
    colon = "：" if asked.lang == "zh" else ": "
    meaning = "meaning_all" if asked.scope == "all" else f"meaning_{asked.rural}"
    scope = asked.say("scope") + colon + asked.tell(meaning)
    ladder = [
        f"{asked.say('rung_word')}“{term.label(asked.lang)}”{colon}{term.definition(asked.lang)}"
        for term in vocabulary.terms("rung").values()
    ]
    words = [scope, asked.tell("covered_means"), *ladder]
    words += [asked.tell(code) for code in ("core_means", "sole_means", "window_means")]
    blocks: list[Block] = [Items(tuple(words))]
    if notes := _notes(asked):
        blocks += [Text(asked.say("assumptions")), Items(tuple(notes))]
    return blocks


def _notes(asked: Asked) -> list[str]:
    """Return the notes of the analyses, each once, with those that it holds for."""
    said: dict[str, list[str]] = {}
    for name in asked.results:
        result = asked.result(name)
        notes = result.notes if result else ()
        for text in dict.fromkeys(asked.tell(note.code, **note.params) for note in notes):
            said.setdefault(text, []).append(asked.short(name))
    between, colon = ("、", "：") if asked.lang == "zh" else (", ", ": ")
    several = 2  # what holds for more is an assumption of the whole report
    return [
        text if len(names) > several else between.join(names) + colon + text
        for text, names in said.items()
    ]


# -- data -------------------------------------------------------------------------------------


def _in_data(asked: Asked) -> list[Block]:
    network, lang = asked.network, asked.lang
    rows, synthetic, total = [], 0, 0
    for name, part in schema.tables().items():
        frame = network.observations if name == "observations" else _frame(asked, name)
        if not len(frame):
            continue
        made_up = int(frame["synthetic"].fillna(value=False).sum())
        rows.append((part.label(lang), len(frame)))
        synthetic, total = synthetic + made_up, total + len(frame)
    blocks: list[Block] = []
    if synthetic:
        blocks.append(Text(asked.tell("synthetic_share", count=synthetic, total=total)))
    counts_read = network.report.totals()
    if counts_read["rows_read"]:
        tables = len(network.report.tables)
        blocks.append(Text(asked.tell("load_counts", tables=tables, **counts_read)))
    between = "、" if lang == "zh" else ", "
    counted = between.join(asked.tell("rows_of", table=name, count=count) for name, count in rows)
    if rows:
        blocks.append(Text(asked.tell("data_rows", listed=counted)))
    else:
        return [*blocks, Text(asked.say("nothing"))]
    gaps = missing(asked)
    blocks.append(Text(asked.say("missing") + ("：" if lang == "zh" else ":")))
    blocks.append(Items(tuple(gaps or [asked.tell("missing_nothing")])))
    return blocks


def _frame(asked: Asked, name: str) -> pd.DataFrame:
    kind = schema.tables()[name].nature == "kind"
    return asked.network.nodes(name) if kind else asked.network.relation(name)


def missing(asked: Asked) -> list[str]:
    """Return a sentence a gap of the data."""
    network, found = asked.network, []

    def note(code: str, count: int, total: int, **params: object) -> None:
        if count:
            shown = {"count": f"{count:,}", "total": f"{total:,}"}
            found.append(asked.tell(code, **shown, **params))

    schools = network.nodes("school")
    for key in ("urban_rural", "stage", "region", "pupils"):
        count = int(schools[key].isna().sum())
        note("missing_column_values", count, len(schools), group=key)
    note("missing_coordinates", int((~located(network)).sum()), len(schools))
    for name in schema.relations():
        if "measure" in schema.tables()[name].traits:
            continue  # nobody dates these
        frame = network.relation(name)
        if schema.tables()[name].nature == "event":
            note("missing_event_dates", int(frame["date"].isna().sum()), len(frame), table=name)
        else:
            undated = frame["start"].isna() & frame["end"].isna()
            note("missing_dates", int(undated.sum()), len(frame), table=name)
    members, alliances = network.relation("member_of"), network.nodes("alliance")
    cored = members.loc[members["role"] == "core", "target"].nunique()
    note("missing_cores", len(alliances) - cored, len(alliances))
    note("missing_members", len(alliances) - members["target"].nunique(), len(alliances))
    return found


def _warnings(asked: Asked) -> list[Block]:
    warnings = asked.network.report.of("warning")
    if not warnings:
        return []
    blocks: list[Block] = [Items(tuple(problem.line(asked.lang) for problem in warnings[:ROWS]))]
    if len(warnings) > ROWS:
        command = asked.other_command("check")
        blocks.append(Text(asked.tell("warnings_more", count=len(warnings), command=command)))
    return blocks


# -- commands ---------------------------------------------------------------------------------


def _reproduction(asked: Asked, body: Iterable[Section], annexes: tuple[Annex, ...]) -> list[Block]:
    """Return every command once, with what it gives, and the stamp of the data."""
    gives: dict[str, list[str]] = {}
    for word, command in (*_made(asked, body), *_listed(asked, annexes)):
        for line in filter(None, command.split("\n")):
            gives.setdefault(line, []).append(word)
    between = "、" if asked.lang == "zh" else ", "
    rows = tuple((between.join(words), command) for command, words in gives.items())
    stamp = asked.tell("stamp", fingerprint=asked.network.fingerprint, version=liantu.__version__)
    head = (asked.say("what"), asked.say("command"))
    table = Table(asked.say("commands"), head, rows, ("", "code"))
    return [Text(stamp), *([table] if rows else [])]


def _made(asked: Asked, sections: Iterable[Section]) -> Iterator[tuple[str, str]]:
    for section in sections:
        for block in section.blocks:
            if isinstance(block, Table | Picture):
                yield asked.tell(f"{block.kind}_number", number=block.number), block.command
            elif isinstance(block, Facts):
                yield section.title, block.command
        yield from _made(asked, section.sections)


def _listed(asked: Asked, annexes: Iterable[Annex]) -> Iterator[tuple[str, str]]:
    for annex in annexes:
        yield asked.tell("annex_number", number=annex.number), annex.command
