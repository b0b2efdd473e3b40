"""Names that leave out the names of their own region and of the regions above it.

云溪县第一小学, 第一小学 and 县第一小学 are one school within 云溪县, as long as nothing else in the
source could be meant. The county often stands in the title, the file's or the sheet's name alone;
such a place counts only where a name itself begins with it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import PurePath
from typing import NamedTuple

import pandas as pd

from liantu.loaders.sources import Sheet
from liantu.vocabulary import find, normalise

KINDS = ("school", "alliance", "center", "partner")  # that lie in a region
_KIND = re.compile(
    "(?:自治[区州县旗]|特别行政区|地区|街道|[省市州盟县区旗镇乡村])$"
)  # of a region: what its name ends with
_DEEPEST = 12  # regions one in the other; from state to village there are six
_COUNTY = "省市州盟县区旗"  # a county or what lies above it
_LEVELS = re.compile(f"[{_COUNTY}镇乡村]|街道")
# Words that speak of levels and quarters without naming one.
_GENERIC = re.compile(
    "[省市县区]+(?:级|直|属|内|域|外|本级|委|教育局|教体局|人民政府)|[全我本各该两跨][省市州县区旗]+"
    "|城市|都市|县城|县市区?|市县区?|市区县?|县区|[城镇郊校社片学小园山矿库牧林辖范]区|地区"
)
# Words between two places that deal with each other.
_BETWEEN = re.compile(f"帮扶|支援|协作|结对|对口|支教|合作|共建|送教|(?<=[{_COUNTY}])[与和及]")
_DATED = re.compile(r"\d+\s*(?:学年度?|年度?(?:[春秋]季?)?(?:学期)?|月份?|日|号)?|附[件表]")
_LEAD = re.compile(f"[\u4e00-\u9fff]{{1,8}}?(?:自治[区州县旗]|[{_COUNTY}])(?![{_COUNTY}])")
# How a name goes on that was cut right behind the word for a kind of region, beyond doubt.
_PLAIN = re.compile(
    "第[一二三四五六七八九十]|实验|中心|直属|机关|师范|外国语|特殊|职业|初级|高级|示范"
)


_FILLED_BY = re.compile("填报|填表|制表|单位|日期")  # a row of a title that has several cells


class Titles(NamedTuple):
    """The places that the titles of a sheet name: from above to below, or side by side."""

    chain: tuple[str, ...] = ()
    places: frozenset[str] = frozenset()


@cache
def title_places(texts: tuple[str, ...]) -> Titles:
    """Return the places that titles, the names of a sheet and of its file name.

    Places side by side (江海区对口帮扶云溪县) leave open where the schools lie.

    Examples
    --------
    >>> title_places(("江州市云溪县2024年学校名单", "a_云溪县台账", "Sheet1")).chain
    ('江州市', '云溪县')
    >>> title_places(("江海区对口帮扶云溪县一览表",)).chain
    ()
    """
    chain: tuple[str, ...] = ()
    places: set[str] = set()
    nested = True
    for text in texts:
        plain = _GENERIC.sub(" ", _DATED.sub(" ", normalise(text)))
        for piece in re.split("[^\u4e00-\u9fff]+", _BETWEEN.sub(" ", plain)):
            run: list[str] = []
            at = 0
            while (found := _LEAD.match(piece, at)) and len(found[0]) > 1:
                run.append(found[0])
                at = found.end()
            more = _LEAD.search(piece, at)
            if more:  # another place further on
                nested = False
                places.add(more[0])
            places.update(run)
            if run and not chain:
                chain = tuple(run)
            elif run and not (set(run) <= set(chain) or set(chain) <= set(run)):
                nested = False
            elif len(run) > len(chain):
                chain = tuple(run)
    return Titles(chain if nested else (), frozenset(places))


def title_texts(sheet: Sheet) -> tuple[str, ...]:
    """Return what stands above the header of a sheet, and the names of sheet and file.

    Examples
    --------
    >>> title_texts(Sheet("云溪县.csv", "", [["学校名单", ""], ["学校", "乡镇"], ["甲", "乙"]]))
    ('学校名单', '', '云溪县')
    """
    found: list[str] = []
    for row in sheet.rows[:5]:
        texts = list(dict.fromkeys(cell.strip() for cell in row if cell.strip()))
        several = len(texts) > 1 and not _FILLED_BY.search("".join(texts))
        if several or len(texts) > 2 or len(row) < 2:
            break
        found += texts
    return (*found, sheet.sheet, PurePath(sheet.file).stem)


def above(regions: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return the names of each region and of those above it, from above to below.

    Examples
    --------
    >>> above(pd.DataFrame({"id": ["1", "2"], "name": ["云溪县", "柳河镇"], "parent": [None, "1"]}))
    {'1': ('云溪县',), '2': ('云溪县', '柳河镇')}
    """
    blank = pd.Series(None, index=regions.index, dtype="str")
    parents = regions.get("parent", blank).fillna("")
    named = regions.get("name", blank).fillna(regions["id"])
    names = dict(zip(regions["id"], named, strict=True))
    over = dict(zip(regions["id"], parents, strict=True))
    found: dict[str, tuple[str, ...]] = {}
    for region in names:
        line: list[str] = []
        here = region
        while here in names and len(line) < _DEEPEST:  # a circle ends, too
            line.append(names[here])
            here = over[here]
        found[region] = tuple(dict.fromkeys(reversed(line)))
    return found


def kind_word(region: str) -> str:
    """Return the word for the kind of a region that its name ends with.

    Examples
    --------
    >>> kind_word("云溪县"), kind_word("城东街道"), kind_word("东片")
    ('县', '街道', '')
    """
    found = _KIND.search(region)
    return found[0] if found and found.start() else ""


def stem(region: str) -> str:
    """Return the name of a region without the word for its kind.

    Examples
    --------
    >>> stem("云溪县"), stem("东片")
    ('云溪', '东片')
    """
    return region.removesuffix(kind_word(region))


def left_out(lead: str, chain: Sequence[str], *, stems: bool = False) -> bool:
    """Return whether a lead spells regions from above to below, each in full, as its kind or not.

    With `stems` a region may also stand without the word for its kind.

    Examples
    --------
    >>> [left_out(lead, ["云溪县", "柳河镇"]) for lead in ("县", "县柳河镇", "镇县", "云溪")]
    [True, True, False, False]
    >>> [left_out(lead, ["云溪县", "柳河镇"], stems=True) for lead in ("云溪", "县柳河", "青山")]
    [True, True, False]
    >>> left_out("柳河镇", ["云溪县", "柳河镇"], stems=True)
    True
    """
    if not lead:
        return True
    return any(
        spelled
        and lead.startswith(spelled)
        and left_out(lead[len(spelled) :], chain[number + 1 :], stems=stems)
        for number, region in enumerate(chain)
        for spelled in (region, kind_word(region), stem(region) if stems else "")
    )


class Node(NamedTuple):
    """A listed name: its id, the regions it lies in, and the rest of its name without them."""

    id: str
    name: str
    chain: tuple[str, ...]
    rest: str
    written: bool  # the name holds what is left out, word for word


class Shortened:
    """Finds the nodes of one kind by names without regions.

    Parameters
    ----------
    names
        Id, name and region (or "") of every node.
    titles
        What the titles of each node's sheet say of places, in the order of `names`.
    regions
        The names of a region and of those above it, from above to below, by its id.
    """

    def __init__(
        self,
        names: Iterable[tuple[str, str, str]],
        titles: Iterable[Titles],
        regions: Mapping[str, tuple[str, ...]],
    ) -> None:
        self._names = list(names)
        self._titles = list(titles)
        self.regions = regions

    def name(self, key: str) -> str:
        """Return the whole name of a node."""
        return next(name for own, name, _ in self._names if own == key)

    def chain(self, region: str, titles: Titles) -> tuple[str, ...]:
        """Return the names of the regions that a node lies in, from above to below."""
        own = self.regions.get(region, (region,) if region else ())
        return (*(place for place in titles.chain if place not in own), *own)

    @cached_property
    def nodes(self) -> list[Node]:
        """Every node with the rest of its name."""
        found = []
        chains: dict[tuple[str, Titles], tuple[str, ...]] = {}
        for (key, name, region), titles in zip(self._names, self._titles, strict=True):
            place = (region, titles)
            if place not in chains:
                chains[place] = tuple(map(normalise, self.chain(region, titles)))
            chain, name = chains[place], normalise(name)
            rest = name
            for above in chain:
                if len(rest) > len(above):
                    rest = rest.removeprefix(above)
            found.append(Node(key, name, chain, rest, True))
            for above in chain if rest == name else ():
                kind = kind_word(above)
                if kind and name.startswith(kind) and len(name) > len(kind):
                    rest = name[len(kind) :]
                    found.append(
                        Node(key, above[: -len(kind)] + name, chain, rest, bool(_PLAIN.match(rest)))
                    )
        return found

    @cached_property
    def _tails(self) -> dict[str, list[Node]]:
        """The nodes by what their names end with, behind every word for a kind of region."""
        found: dict[str, list[Node]] = defaultdict(list)
        for node in self.nodes:
            ends = {node.rest, node.name}
            ends |= {node.name[hit.end() :] for hit in _LEVELS.finditer(node.name, 1)}
            for end in ends:
                found[end].append(node)
        return found

    def ending(self, text: str) -> list[Node]:
        """Return the nodes whose names end with a text, behind a region or from the start."""
        return self._tails.get(text, [])

    @cached_property
    def _common(self) -> frozenset[str]:
        """The counties, and what lies above them, that all nodes lie in."""
        chains = {node.chain for node in self.nodes if node.chain}
        every = [frozenset(name for name in chain if name[-1] in _COUNTY) for chain in chains]
        return frozenset.intersection(*every) if every else frozenset()

    def find(self, text: str, titles: Titles, places: Iterable[str] = ()) -> list[str]:
        """Return the ids that a name without its regions may mean; one if it is plain.

        Parameters
        ----------
        text
            The name as written.
        titles
            The places that the titles of its sheet name.
        places
            Names of regions that its row says it lies in.
        """
        text = normalise(text)
        near = frozenset(places)
        meant: set[str] = set()
        for start in range(len(text)):
            lead, rest = text[:start], text[start:]
            if not lead and find("stage", rest):
                continue
            alike = self.ending(rest)
            fitting = {n.id for n in alike if self._fits(n, lead, rest, titles, near)}
            if fitting:
                meant |= fitting | {n.id for n in alike if _rivals(n, lead, rest)}
        return sorted(meant)

    def _fits(self, node: Node, lead: str, rest: str, titles: Titles, near: frozenset[str]) -> bool:
        if node.rest != rest or not (lead or node.written) or not left_out(lead, node.chain):
            return False
        chain = set(node.chain)
        elsewhere = titles.places - chain
        if elsewhere and (not titles.chain or chain.isdisjoint(titles.chain)):
            return False  # the sheet speaks of another place
        counties = {name for name in chain if name[-1] in _COUNTY}
        told = {*titles.places, *near, *self._common, *(name for name in counties if name in lead)}
        return counties <= told


def _is_town(place: str) -> bool:
    """Return whether a place is a township or street, called by its whole name."""
    kind = kind_word(place)
    return kind in ("镇", "乡", "街道") and kind != place


def _rivals(node: Node, lead: str, rest: str) -> bool:
    """Return whether a node could be meant too: its name ends alike, and no place forbids it."""
    own = node.name[: -len(rest)]
    if _is_town(lead) and any(map(_is_town, node.chain)) and not lead.endswith(node.chain):
        return False  # listed in another township
    if not lead or not own or own.endswith(lead) or lead.endswith(own):
        return True
    bare = kind_word(f"　{lead}") == lead
    return not bare and lead[-1] in _COUNTY and own[-1] not in _COUNTY
