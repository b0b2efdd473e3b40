"""What is told of whole sheets: hidden ones, unread ones, those that lack an end of their ties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath

from liantu.errors import Severity
from liantu.graph import schema
from liantu.loaders import headers
from liantu.loaders.body import Body
from liantu.loaders.findings import Findings
from liantu.loaders.headers import Meaning
from liantu.loaders.recognise import Reading, read_as
from liantu.loaders.sources import Sheet
from liantu.loaders.template import header_of
from liantu.vocabulary import Lang

Columns = Mapping[int, Meaning]


def lacks_an_end(whole: Body, table: str, columns: Columns, findings: Findings) -> bool:
    """Return whether a table of ties has no column for one of its ends, which is an error."""
    facts = schema.tables()[table]
    if not facts.is_relation or "member" in facts.inputs:  # lists of members name the ends apart
        return False
    found = {meaning.column.removesuffix("_name") for meaning in columns.values()}
    found |= {"source"} if "host" in found else set()
    counted = facts.counted if "count" in found else ()
    missing = [end for end in ("source", "target") if end not in {*found, *counted}]
    if not missing or not len(whole.rows):
        return False
    lang: Lang = "en" if "".join(whole.headers).isascii() else "zh"
    for end in missing:
        findings.add(
            "error", "missing_column", whole.sheet.place,
            column=_PEOPLE.get((table, end, lang)) or header_of(table, end, lang),
            table=table, nearest="",
        )  # fmt: skip
    return True


# People whom lists name, where a template asks for their numbers.
_PEOPLE = {
    ("posted_to", "source", "zh"): "姓名", ("works_at", "source", "zh"): "姓名",
    ("mentors", "source", "zh"): "师傅姓名", ("mentors", "target", "zh"): "徒弟姓名",
    ("joins", "source", "zh"): "成员姓名 / 成员单位", ("delivers", "source", "zh"): "送课学校",
    ("delivers", "target", "zh"): "受援校",
}  # fmt: skip


def tell_hidden(sheet: Sheet, findings: Findings) -> None:
    """Tell of a hidden sheet; it is a warning where ties stand in it."""
    reading = read_as(replace(sheet, rows=sheet.behind)) if sheet.behind else Reading()
    likely = [reading.table] if reading.table else reading.candidates
    table = next((name for name in likely if schema.tables()[name].is_relation), "")
    hints = {"hint": "", "hint_zh": ""}
    if table:
        held = schema.tables()[table]
        hints["hint"] = f"; it looks like {held.label('en')}, whose ties are missing"
        hints["hint_zh"] = f"；其内容像是“{held.label('zh')}”，这些联系没有计入"
    severity: Severity = "warning" if table else "info"
    findings.add(severity, "sheet_hidden", sheet.place, value=sheet.sheet, **hints)


def tell_unread(sheet: Sheet, reading: Reading, findings: Findings) -> None:
    """Warn of a sheet that stays unread, with the tables that it may be."""
    name = sheet.sheet or PurePath(sheet.file).stem
    near = headers.nearest_table(name)
    code, given = "unknown_sheet", {}
    if sheet.first:  # a further table, called by its first text
        texts = (cell.strip() for row in sheet.rows for cell in row if cell.strip())
        code, given = "unknown_piece", {"row": sheet.first + 1}
        name = next(texts, name)
    hints = {}
    for key, lang in (("hint", "en"), ("hint_zh", "zh")):
        tables = schema.tables()
        words = [tables[t].label(lang) for t in reading.candidates]  # type: ignore[arg-type]
        start = "; it may be " if lang == "en" else "；可能是："
        hints[key] = start + (" / " if lang == "en" else "、").join(words) if words else ""
    findings.add(
        "warning", code, sheet.place, value=name, nearest=near,
        candidates=" / ".join(reading.candidates), **hints, **given,
    )  # fmt: skip
