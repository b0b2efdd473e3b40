"""The report: what is in the data, the section of every analysis, the picture, the claims."""

from __future__ import annotations

import pandas as pd

from liantu.graph import schema
from liantu.plots import svg
from liantu.reports.advice import advice
from liantu.reports.audit import audited
from liantu.reports.picture import located, network_picture
from liantu.results import registry
from liantu.results.asked import Asked
from liantu.results.blocks import Block, Items, Picture, Section, Table, Text
from liantu.results.sections import ROWS, failed, plain_section


def sections(asked: Asked) -> tuple[Section, ...]:
    """Return every section in order: an analysis says itself what it has to tell, or gets one."""
    found = [Section("in_data", asked.say("in_data"), tuple(_in_data(asked)))]
    for name, analysis in registry().items():
        own = analysis.sections
        found += own(asked) if own is not None else [plain_section(asked, name)]
    found.insert(_after(found, "headline"), advice(asked))
    found.append(Section("picture", asked.say("picture"), tuple(_picture(asked))))
    if blocks := tuple(audited(asked)):
        found.append(Section("audit", asked.say("audit"), blocks))
    found.append(Section("assumptions", asked.say("assumptions"), tuple(_assumptions(asked))))
    return tuple(found)


def _after(found: list[Section], key: str) -> int:
    """Return the place after a section; where there is none of the name, the end."""
    return next((n for n, section in enumerate(found, 1) if section.key == key), len(found))


# -- data ------------------------------------------------------------------------------------


def _in_data(asked: Asked) -> list[Block]:
    network, lang = asked.network, asked.lang
    rows, synthetic, total = [], 0, 0
    for name, part in schema.tables().items():
        frame = network.observations if name == "observations" else _frame(asked, name)
        if not len(frame):
            continue
        made_up = int(frame["synthetic"].fillna(value=False).sum())
        rows.append((part.label(lang), f"{len(frame):,}", f"{made_up:,}"))
        synthetic, total = synthetic + made_up, total + len(frame)
    head = (asked.say("table"), asked.say("rows"), asked.say("synthetic_rows"))
    command = asked.other_command("info")
    blocks: list[Block] = []
    if synthetic:
        blocks.append(Text(asked.tell("synthetic_share", count=synthetic, total=total)))
    counts = Table(
        asked.say("tables"), head, tuple(rows), ("", "number", "number"), command=command
    )
    blocks.append(counts if rows else Text(asked.say("nothing")))
    counts_read = network.report.totals()
    if counts_read["rows_read"]:
        totals = {key: f"{value:,}" for key, value in counts_read.items()}
        text = asked.tell("load_counts", tables=len(network.report.tables), **totals)
        blocks.append(Text(text, quiet=True))
    missing = _missing(asked)
    blocks.append(Text(asked.say("missing") + ("：" if lang == "zh" else ":")))
    blocks.append(Items(tuple(missing or [asked.tell("missing_nothing")])))
    return blocks


def _frame(asked: Asked, name: str) -> pd.DataFrame:
    kind = schema.tables()[name].nature == "kind"
    return asked.network.nodes(name) if kind else asked.network.relation(name)


def _missing(asked: Asked) -> list[str]:
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


def _picture(asked: Asked) -> list[Block]:
    coverage = asked.result("coverage")
    if coverage is None:
        return failed(asked, "coverage")
    if not asked.network.open_schools(asked.day).any():
        return [Text(asked.say("nothing"))]
    blocks: list[Block] = [Text(asked.tell("picture_words"))]
    some = "map" if located(asked.network).any() else "alliances"
    for shape in dict.fromkeys(("alliances", some)):
        drawn = network_picture(
            asked.network,
            as_of=asked.day,
            coverage=coverage,
            shape="map" if shape == "map" else "alliances",
            lang=asked.lang,
        )
        title = asked.say(f"picture_{shape}")
        command = asked.report_command("report.html")
        blocks.append(Picture(title, svg(drawn), command))
    return blocks


def _short(asked: Asked, name: str) -> str:
    """Return the first words of an analysis's title, before its colon."""
    return asked.heading(name).replace("：", ":").split(":")[0]


def _assumptions(asked: Asked) -> list[Block]:
    said: dict[str, list[str]] = {}
    for name in asked.results:
        result = asked.result(name)
        for text in dict.fromkeys(
            note.text(asked.lang) for note in (result.notes if result else ())
        ):
            said.setdefault(text, []).append(_short(asked, name))
    between, colon = ("、", "：") if asked.lang == "zh" else (", ", ": ")
    notes = [
        text if len(names) == len(asked.results) else between.join(names) + colon + text
        for text, names in said.items()
    ]
    blocks: list[Block] = [Items(tuple(notes))] if notes else []
    warnings = asked.network.report.of("warning")
    if warnings:
        blocks.append(Text(asked.say("load_warnings")))
        blocks.append(Items(tuple(problem.line(asked.lang) for problem in warnings[:ROWS])))
    if len(warnings) > ROWS:
        command = asked.other_command("check")
        text = asked.tell("warnings_more", count=len(warnings), command=command)
        blocks.append(Text(text))
    return blocks or [Text(asked.say("nothing"))]
