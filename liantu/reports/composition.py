"""The report put together: page one, the reader's questions, what is open, annexes, the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypedDict, Unpack, cast

import liantu
from liantu import vocabulary
from liantu.errors import LiantuError
from liantu.graph.network import Network
from liantu.options import check_choice, parse_date
from liantu.paths import title_of
from liantu.reports import advice, change, closing, findings
from liantu.reports.audit import audited
from liantu.reports.boundaries import Boundaries, read_boundaries
from liantu.reports.brief import shortened
from liantu.reports.network_section import network_section
from liantu.reports.numbers import pointers
from liantu.results import registry
from liantu.results.asked import Asked, ask
from liantu.results.blocks import Annex, Block, Picture, Report, Section, Style, Table, Text
from liantu.results.core import AsOf, day_of
from liantu.results.sections import plain_section
from liantu.vocabulary import Lang


class Options(TypedDict, total=False):
    """What a report is asked for besides the network; see `compose`."""

    as_of: AsOf
    scope: str
    rural: str
    region: str | None
    title: str
    organization: str
    addressee: str
    signature: str
    style: Style
    sections: Sequence[str] | None
    compare_to: str | date | None
    boundaries: Path | None
    map_approval: str
    extra: str


def compose(
    network: Network, *, source: str, lang: Lang, out: str = "report.html",
    **options: Unpack[Options],
) -> Report:  # fmt: skip
    """Return the report of a network, in no format yet.

    Parameters
    ----------
    network
        The network; pass it through `Network.without_teacher_names` unless teachers may be named.
    source
        What the network was read from, for the commands that reproduce each figure.
    lang
        Language of the report.
    out
        The file name that the command at the end writes to.
    **options
        ``as_of``: the date judged; the network's own by default, else today. ``scope``, ``rural``:
        which schools count, and what rural means; where no school has an urban–rural code the
        report counts all schools and says so. ``region``: report only on its schools (id or name).
        ``title``: by default the network's own, else the name of the source without suffix.
        ``organization``, ``addressee``, ``signature``: who makes it, for whom, who signs.
        ``style``: ``plain``, or ``gongwen`` as Chinese offices number and lay out, with a short
        body: first rows of tables, the pictures of the network at the end and no others.
        ``sections``: the chapters of the body, all by default; page one and the annexes that it
        names stand in any case. ``compare_to``: the earlier date of the change, by default a year
        before. ``boundaries``, ``map_approval``: a GeoJSON file of boundaries for the map, and the
        number under which it was approved. ``extra``: words that the commands need besides, such
        as ``--mapping FILE``.

    Raises
    ------
    OptionError
        If a choice or a date is malformed, or the earlier date is not earlier.
    RequestError
        If the region does not exist, or the boundaries cannot be drawn.
    """
    scope, rural = options.get("scope", "rural"), options.get("rural", "strict")
    check_choice(scope, ("rural", "all"), "scope")
    check_choice(rural, ("strict", "broad"), "rural")
    style = options.get("style", "plain")
    check_choice(style, ("plain", "gongwen"), "style")
    chosen = options.get("sections")
    for key in chosen or ():
        check_choice(key, tuple(vocabulary.terms("chapter")), "sections")
    file, approval = options.get("boundaries"), options.get("map_approval", "")
    boundaries = read_boundaries(file, approval)
    region = options.get("region")
    if region is not None:
        network = network.focus(region)
    day = day_of(network, options.get("as_of"))
    then = options.get("compare_to")
    earlier = None if then is None else parse_date(then, "compare_to")
    change.check(earlier, day)
    asked = ask(network, source, lang, day, scope, rural, options.get("extra", ""), earlier)
    chapters, unanswered = _chapters(asked, boundaries)
    found = tuple(_annexes(chapters))
    said = findings.findings(asked, len(unanswered))
    wanted = {key for _, keys in said for key in keys}
    if chosen:
        chapters = [chapter for chapter in chapters if chapter.key in chosen]
        wanted |= {annex.key for annex in _annexes(chapters)}
        found = tuple(annex for annex in found if annex.key in wanted)
    annexes = tuple(replace(annex, number=n) for n, annex in enumerate(found, 1))
    numbers = {annex.key: annex.number for annex in annexes}
    words = {
        "title": options.get("title", ""),
        "organization": options.get("organization", ""),
        "addressee": options.get("addressee", ""),
        "signature": options.get("signature", ""),
        "style": "" if style == "plain" else style,
        "sections": ",".join(chosen or ()),
        "compare_to": "" if earlier is None else earlier.isoformat(),
        "boundaries": "" if file is None else str(file),
        "map_approval": approval,
    }
    moved: list[Section] = []
    if style == "gongwen":
        chapters, moved = shortened(chapters, numbers)
    body = _numbered(asked, [*chapters, *moved], numbers)
    body, behind = body[: len(chapters)], body[len(chapters) :]
    return Report(
        title=words["title"] or network.title or network.masked(title_of(source)),
        subtitle=vocabulary.label("report", lang, "label"),
        lang=lang,
        style=style,
        day=day,
        organization=words["organization"],
        addressee=words["addressee"],
        signature=words["signature"],
        facts=_facts(asked),
        findings=findings.numbered(said, numbers),
        sections=body,
        unanswered=tuple(unanswered),
        annexes=annexes,
        closing=(*closing.closing(asked, body, annexes), *behind),
        fingerprint=network.fingerprint,
        command=asked.report_command(out, words),
        version=liantu.__version__,
    )


def _facts(asked: Asked) -> tuple[tuple[str, str], ...]:
    network = asked.network
    meaning = "meaning_all" if asked.scope == "all" else f"meaning_{asked.rural}"
    facts = [
        (asked.say("as_of"), asked.day.isoformat()),
        (asked.say("scope"), asked.tell(meaning)),
        (asked.say("source"), network.masked(asked.source)),
    ]
    if network.focus_region is not None:
        name = network.nodes("region")["name"].fillna("").get(network.focus_region, "")
        facts.insert(2, (asked.say("region"), name or network.focus_region))
    return tuple(facts)


def _chapters(asked: Asked, boundaries: Boundaries | None) -> tuple[list[Section], list[str]]:
    """Return the chapters that have something to say, and a line for whatever has not."""
    parts: dict[str, list[Section]] = {key: [] for key in vocabulary.terms("chapter")}
    refused: list[str] = []
    empty: list[str] = []
    for name, analysis in registry().items():
        if not analysis.chapter:
            continue
        result = asked.result(name)
        if result is None:
            refused.append(_failed(asked, name))
            continue
        own = analysis.sections
        found = own(asked, result) if own is not None else plain_section(asked, result)
        if not found:
            empty.append(name)
        for section in found:
            parts[section.chapter or analysis.chapter].append(section)
    parts["coverage"] += network_section(asked, boundaries)
    parts["changes"] = [*change.change(asked), *parts["changes"]]
    parts["advice"] += advice.advice(asked)
    parts["claims"] += audited(asked)
    chapters = [
        Section(key, vocabulary.label(key, asked.lang, "chapter"), sections=tuple(sections))
        for key, sections in parts.items()
        if sections
    ]
    return chapters, [*_fell_back(asked), *refused, *_empty(asked, empty), *_no_change(asked)]


def _failed(asked: Asked, name: str) -> str:
    """Return why an analysis could not run, with the remedy."""
    error = asked.results[name]
    lines = error.lines(asked.lang) if isinstance(error, LiantuError) else []
    between = "" if asked.lang == "zh" else " "
    return asked.tell("cannot_run", name=asked.short(name), reason=between.join(lines))


def _empty(asked: Asked, names: Iterable[str]) -> list[str]:
    """Return what analyses that found nothing need, a line a need."""
    wanting: dict[str, list[str]] = {}
    known = vocabulary.terms("needs")
    for name in names:
        needs = known[name].label(asked.lang) if name in known else ""
        wanting.setdefault(needs, []).append(asked.short(name))
    between = "、" if asked.lang == "zh" else ", "
    return [
        asked.tell("nothing_found", listed=between.join(titles), hint=needs)
        if needs
        else asked.tell("nothing_recorded", listed=between.join(titles))
        for needs, titles in wanting.items()
    ]


def _fell_back(asked: Asked) -> list[str]:
    return [asked.tell("fell_back_to_all")] if asked.fell_back else []


def _no_change(asked: Asked) -> list[str]:
    """Return why no change can be told, where there are ties to tell it of."""
    ties = asked.result("ties")
    if not asked.no_change or ties is None or ties.table.empty:
        return []
    return [asked.tell(asked.no_change, then=asked.earlier)]


def _pointing(
    blocks: tuple[Block, ...], annexes: Iterable[Annex], numbers: dict[str, int], lang: Lang
) -> tuple[Block, ...]:
    """Let the first text name the annexes that no table names."""
    named = {block.annex for block in blocks if isinstance(block, Table) and block.total}
    left = sorted(numbers[a.key] for a in annexes if a.key in numbers and a.key not in named)
    place = next((n for n, b in enumerate(blocks) if isinstance(b, Text) and not b.quiet), None)
    if place is None or not left:
        return blocks
    listed = ("、" if lang == "zh" else ", ").join(text for _, text in pointers(left, lang))
    text = cast(Text, blocks[place]).text + (f"（{listed}）" if lang == "zh" else f" ({listed})")
    return (*blocks[:place], Text(text), *blocks[place + 1 :])


def _annexes(sections: Iterable[Section]) -> Iterator[Annex]:
    for section in sections:
        yield from section.annexes
        yield from _annexes(section.sections)


def _numbered(
    asked: Asked, sections: Iterable[Section], numbers: dict[str, int]
) -> tuple[Section, ...]:
    """Return the sections, tables and pictures numbered, and told where their whole list stands."""
    count = {"table": 0, "picture": 0}

    def block(found: Block) -> Block:
        if not isinstance(found, Table | Picture):
            return found
        count[found.kind] += 1
        if isinstance(found, Table) and found.total and found.annex in numbers:
            cap = asked.tell(
                "rows_in_annex", shown=len(found.rows), total=found.total,
                number=numbers[found.annex],
            )  # fmt: skip
            return replace(found, cap=cap, number=count["table"])
        return replace(found, number=count[found.kind])

    def section(found: Section) -> Section:
        blocks = _pointing(tuple(map(block, found.blocks)), found.annexes, numbers, asked.lang)
        return replace(found, blocks=blocks, sections=tuple(map(section, found.sections)))

    return tuple(map(section, sections))
