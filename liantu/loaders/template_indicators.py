"""The sheet of the seven resource indicators: a row a school and year, a column an indicator."""

from __future__ import annotations

from liantu.graph.indicators import SECTIONS, indicators
from liantu.graph.schema import Column
from liantu.vocabulary import Lang, find, label, message, terms

SHEET = "indicators"
_EXAMPLE = (4.4, 1.2, 1.0, 5.1, 8.0, 2300, 2.5)


def is_called(name: str) -> bool:
    """Return whether a name is that of the sheet.

    Examples
    --------
    >>> is_called("七项指标"), is_called("学校")
    (True, False)
    """
    return find("sheet", name) == SHEET


def title(lang: Lang) -> str:
    """Return the name of the sheet; it loads under it as it is."""
    return label(SHEET, lang, "sheet")


def columns(lang: Lang) -> list[tuple[str, Column, tuple[str, ...]]]:
    """Return header, column and the words of the drop-down, for each column of the sheet."""
    zh = lang == "zh"
    stages = tuple(label(name, lang, "stage") for name in SECTIONS)
    found = [
        ("学校名称" if zh else "school name", _column("id", "ref", values=("school",)), ()),
        ("学年" if zh else "period", _column("period", "text"), ()),
        ("学段" if zh else "stage", _column("stage", "code", values=("stage",)), stages),
    ]
    words = terms("indicator")
    for key, one in indicators().items():
        unit = label(one.unit, lang, "indicator_unit")
        told = {
            code: f"{words[key].definition(code)} {_limits(key, code)}"
            for code in ("en", "zh")
        }  # fmt: skip
        column = _column(key, "number", unit=unit, en=told["en"], zh=told["zh"])
        found.append((f"{words[key].label(lang)} ({unit})", column, ()))
    return found


def example() -> dict[str, tuple[str, str]]:
    """Return the example row, by column."""
    figures = {k: (f"{v:g}", "") for k, v in zip(indicators(), _EXAMPLE, strict=True)}
    return {"id": ("S1", ""), "period": ("2025-2026", "2025-2026学年"), **figures}


def _limits(key: str, lang: Lang) -> str:
    one = indicators()[key]
    given = {"primary": f"{one.primary:g}", "junior": f"{one.junior:g}"}
    return message("note_thresholds", lang, given)


def _column(
    name: str,
    type: str,
    *,
    values: tuple[str, ...] = (),
    unit: str = "",
    en: str = "",
    zh: str = "",
) -> Column:
    """Return a column as the schema has them."""
    if name == "id":
        en, zh = "The school.", "学校。"
    if name == "stage":
        en, zh = message("note_section", "en"), message("note_section", "zh")
    return Column(
        table="observations", name=name, type=type, values=values, unit=unit,
        required=name == "id", default="", headers=(), en=en, zh=zh,
    )  # fmt: skip
