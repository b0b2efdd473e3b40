"""Write the reference pages from what the program says of itself.

``python scripts/build_docs.py`` writes ``docs/reference/``; ``pages()`` returns the texts, which a
test compares with the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import get_args

from liantu.cli import Group
from liantu.commands import commands as commands_of
from liantu.commands._session import Session
from liantu.graph import schema
from liantu.results import Analysis, registry
from liantu.vocabulary import Lang, Term, label, message, terms

FOLDER = Path(__file__).parents[1] / "docs" / "reference"


def pages() -> dict[str, str]:
    """Return the text of every page by file name."""
    found = {}
    for lang in get_args(Lang):
        ending = ".zh.md" if lang == "zh" else ".md"
        found["commands" + ending] = commands(lang)
        found["analyses" + ending] = analyses(lang)
        found["data-dictionary" + ending] = dictionary(lang)
    return found


def commands(lang: Lang) -> str:
    """Return the page of the commands: the help of each."""
    group, session = Group(lang), Session(lang)
    parent = group.context_class(group, info_name="liantu", obj=session, terminal_width=88)
    parts = [_start("page_commands", lang), _text(group.get_help(parent))]
    for name, command in commands_of(lang).items():
        context = command.context_class(command, parent, info_name=name, terminal_width=88)
        parts += [f"## {name}", _text(command.get_help(context))]
    return _page(parts)


def analyses(lang: Lang) -> str:
    """Return the page of the analyses: text, options, notes and sources of each."""
    parts = [_start("page_analyses", lang)]
    for analysis in registry().values():
        parts += [f"## {analysis.command}", analysis.title(lang), analysis.text(lang)]
        parts.append(_options(analysis, lang))
        for section in ("Notes", "References"):
            if section in analysis.doc[lang]:
                parts.append(f"### {label(section.lower(), lang, 'heading')}")
                parts.append(analysis.doc[lang][section])
    return _page(parts)


def _options(analysis: Analysis, lang: Lang) -> str:
    rows = []
    for parameter in analysis.parameters:
        default = "" if parameter.default in (None, False) else f"`{parameter.default}`"
        values = ", ".join(f"`{choice}`" for choice in parameter.choices)
        rows.append((f"`{parameter.option}`", values, default, parameter.help[lang]))
    return _table([_word(key, lang) for key in ("option", "values", "default", "meaning")], rows)


def dictionary(lang: Lang) -> str:
    """Return the data dictionary: kinds, relations, columns and codes."""
    parts = [_start("page_dictionary", lang), _column_types(lang)]
    for heading, nodes in (("kinds", True), ("relations", False)):
        parts.append(f"## {label(heading, lang, 'heading')}")
        for table in schema.tables().values():
            if (table.nature == "kind") == nodes:
                parts += _described(table, lang)
    parts.append(f"## {label('codes', lang, 'heading')}")
    for group in _code_groups():
        parts.append(f"### {label(group, lang)}")
        heads = [_word(key, lang) for key in ("key", "label", "headers", "definition")]
        parts.append(_table(heads, [_term_row(term, lang) for term in terms(group).values()]))
    return _page(parts)


def _described(table: schema.Table, lang: Lang) -> list[str]:
    group = "kind" if table.nature == "kind" else "relation"
    term = terms(group)[table.name]
    parts = [f"### `{table.name}` {table.label(lang)}", term.definition(lang)]
    if table.is_relation:
        ends = " → ".join(_kinds(table.ends(end), lang) for end in ("source", "target"))
        parts.append(f"{_word('ends', lang)}: {ends}")
    names = ", ".join(dict.fromkeys((term.zh, term.en, *term.aliases)))
    parts.append(f"{_word('file', lang)}, {_word('sheet', lang)}: {names}")
    keys = ("key", "label", "type", "required", "values", "headers", "definition")
    rows = [_column_row(column, lang) for column in table.all_columns.values()]
    return [*parts, _table([_word(key, lang) for key in keys], rows)]


def _column_row(column: schema.Column, lang: Lang) -> tuple[str, ...]:
    term = terms("column").get(column.name)
    headers = [header for header, _ in column.headers]
    headers += [*term.aliases, term.zh] if term else []
    values = _kinds(column.values, lang) if column.type in ("end", "ref") else ""
    if _groups_of(column):
        values = ", ".join(label(group, lang) for group in _groups_of(column))
    return (
        f"`{column.name}`",
        label(column.name, lang),
        label(column.type, lang, "column_type") + (f" ({column.unit})" if column.unit else ""),
        label("yes", lang, "heading") if column.required else "",
        values,
        ", ".join(dict.fromkeys(headers)),
        column.describe(lang),
    )


def _groups_of(column: schema.Column) -> tuple[str, ...]:
    """Return the groups of terms that the codes of a column come from."""
    if column.type == "form":
        return ("form",)
    return column.values if column.type in ("code", "open_code") else ()


def _code_groups() -> list[str]:
    """Return every group of codes but the kinds, which have their own chapter; those of claims."""
    tables = schema.tables().values()
    columns = [column for table in tables for column in table.all_columns.values()]
    groups = {group for column in columns for group in _groups_of(column)}
    return sorted(groups - {"kind"} | {"unit", "verdict"})


def _kinds(kinds: Iterable[str], lang: Lang) -> str:
    return " / ".join(label(kind, lang, "kind") for kind in kinds)


def _column_types(lang: Lang) -> str:
    rows = [(term.label(lang), term.definition(lang)) for term in terms("column_type").values()]
    return _table([_word("type", lang), _word("definition", lang)], rows)


def _term_row(term: Term, lang: Lang) -> tuple[str, ...]:
    other = term.en if lang == "zh" else term.zh
    words = ", ".join((other, *term.aliases))
    return (f"`{term.key}`", term.label(lang), words, term.definition(lang))


def _word(key: str, lang: Lang) -> str:
    return label(key, lang, "sheet")


def _start(key: str, lang: Lang) -> str:
    return f"# {label(key, lang, 'heading')}\n\n{message('page_generated', lang)}"


def _text(block: str) -> str:
    return f"```text\n{block}\n```"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in cells)


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
