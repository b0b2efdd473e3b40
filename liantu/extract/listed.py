"""Names of a list in a text: as listed, or in the short forms that the field uses for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from liantu.errors import RequestError
from liantu.extract.spans import KINDS, Method, Span, Sure
from liantu.loaders import read
from liantu.loaders.shortened import above, kind_word, left_out, stem
from liantu.loaders.sources import TEXT, read_file
from liantu.vocabulary import find as find_term
from liantu.vocabulary import half_width

if TYPE_CHECKING:
    from liantu.graph.network import Network

_ORDER = "[一二三四五六七八九十]{1,3}"
_HAN = "[\u4e00-\u9fff]"
_UPPER = "(?:省|自治[州县旗]|[市盟县旗]|州(?!市)|(?<![学校社片园辖])区)"
_LOWER = "(?:[镇乡]|街道)"
_REGIONS = re.compile(
    f"((?:{_HAN}{{1,6}}?{_UPPER}(?![一二三四五六七八九十]?[小中]))*)"
    f"((?:{_HAN}{{1,6}}?{_LOWER})?)(?={_HAN}{{2}})"
)
_ONE = re.compile(f"{_HAN}{{1,6}}?(?:{_UPPER}|{_LOWER})")
# How a school's own name is shortened; 1 is what stands before it.
_SHORT = tuple(
    (re.compile(pattern), forms)
    for pattern, forms in (
        (f"第({_ORDER})小学", ("1小",)),
        (f"第({_ORDER})(?:初级|高级|完全)?中学", ("1中", "第1中学")),
        (f"第({_ORDER})(?:完全)?小学", ("第1小学", "1小")),
        (f"第({_ORDER})幼儿园", ("1幼",)),
        ("(.*)实验小学", ("1实验小", "1实小")),
        ("(.*)实验(?:初级)?中学", ("1实验初中", "1实验中学")),
        ("(.*)中心(?:小学|学校|校)", ("1中心校", "1中心学校", "1中心小学")),
        ("(.+)初级中学", ("1中学", "1初中")),
        ("(.+)高级中学", ("1中学", "1高中")),
        ("(.+)九年一贯制学校", ("1学校",)),
        ("(.+)完全小学", ("1完小", "1小学")),
    )
)
# An own name that many schools share: it is told only with its place.
_SHARED = re.compile(
    f"第?{_ORDER}(?:初级|高级|完全)?(?:小学|中学|小|中|初中|高中|幼儿园|幼)"
    "|(?:中心|实验|第一|直属|机关|附属|特殊教育|职业|职业技术)?"
    "(?:小学|中学|初中|高中|学校|校|幼儿园|初级中学|高级中学|小)"
)
_LONGEST = 40  # signs of a name that is looked for


class Form(NamedTuple):
    """A spelling of listed names: whose, and whether it is the listed one."""

    kind: str
    ids: tuple[str, ...]
    exact: bool


@dataclass
class Listed:
    """The names of a list, to be found in texts.

    Attributes
    ----------
    names
        Kind and id of every node with its name and the regions it lies in, from above to below.
    people
        Names of teachers, never to be told.
    """

    names: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    aliases: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    people: frozenset[str] = frozenset()

    @cached_property
    def forms(self) -> dict[str, Form]:
        """Every spelling; one that is listed is nobody's short form."""
        exact: dict[str, Form] = {}
        for (kind, key), (name, _) in self.names.items():
            for each in (name, *self.aliases.get((kind, key), ())):
                _add(exact, half_width(each), kind, key, exact=True)
        short: dict[str, Form] = {}
        for (kind, key), (name, chain) in self.names.items():
            for each in short_forms(kind, half_width(name), chain):
                if each not in exact:
                    _add(short, each, kind, key, exact=False)
        return {**short, **exact}

    @cached_property
    def _automaton(self) -> Any:
        try:
            import ahocorasick
        except ImportError:
            raise RequestError.of("needs_extra", value="text") from None
        found = ahocorasick.Automaton()
        for text in self.forms:
            found.add_word(text, text)
        found.make_automaton()
        return found

    def find(self, text: str) -> Iterator[Span]:
        """Give the listed names in a text from left to right, the longest at each place."""
        if not self.forms:
            return
        for last, written in self._automaton.iter_long(text):
            start, end = last - len(written) + 1, last + 1
            form = self.forms[written]
            if _cut_off(text, start, end):
                continue
            one = form.ids[0] if len(form.ids) == 1 else ""
            name = self.names[form.kind, one][0] if one else ""
            sure: Sure = "low" if not one else "high" if form.exact else "medium"
            method: Method = "list" if form.exact else "alias"
            yield Span(start, end, form.kind, written, method, sure, one, name)

    def fits(self, span: Span, lead: str) -> bool:
        """Return whether what stands before a listed name may belong to it."""
        if not span.id:
            return True
        _, chain = self.names[span.kind, span.id]
        return left_out(lead, chain, stems=True)


def _add(forms: dict[str, Form], text: str, kind: str, key: str, *, exact: bool) -> None:
    least = 2 if exact or kind == "region" else 3
    if not least <= len(text) <= _LONGEST:
        return
    known = forms.get(text)
    if known is None:
        forms[text] = Form(kind, (key,), exact)
    elif known.kind == kind and key not in known.ids:
        forms[text] = Form(kind, (*known.ids, key), exact)


def _cut_off(text: str, start: int, end: int) -> bool:
    """Return whether a spelling is a piece of something else: 三中 of 十三中, 一中 of 一中心."""
    before, behind = text[max(0, start - 1) : start], text[end : end + 1]
    first, last = text[start], text[end - 1]
    if first in "第一二三四五六七八九十" and before in tuple("第一二三四五六七八九十"):
        return True
    return last in "小中幼" and behind in tuple("学校心央国型等小大年期")


def short_forms(kind: str, name: str, chain: Sequence[str]) -> list[str]:
    """Return the short forms of a name, given the regions it lies in.

    Examples
    --------
    >>> short_forms("school", "云溪县第一小学", ["云溪县"])
    ['云溪县一小', '云溪第一小学', '云溪一小', '县第一小学', '县一小']
    >>> "柳河中心校" in short_forms("school", "柳河镇中心学校", ["云溪县", "柳河镇"])
    True
    """
    if kind == "region":
        short = stem(name)
        return [short] if len(short) > 1 and short != name else []
    if kind == "partner":
        return []
    begins, own = parts(name)
    for place in chain if not begins else ():  # 文山第一小学 lies in 文山市
        if len(stem(place)) > 1 and own.startswith(stem(place)) and len(own) > len(stem(place)) + 2:
            own = own[len(stem(place)) :]
    around = [place for place in chain if place not in begins]
    if kind != "school":
        return [own] if begins and len(own) > 3 else []
    owns = [own]
    for pattern, forms in _SHORT:
        if match := pattern.fullmatch(own):
            for form in forms:
                for number, group in enumerate(match.groups(), 1):
                    form = form.replace(str(number), group)
                owns.append(form)
    if begins and (match := re.fullmatch("[\u4e00-\u9fff]{2,4}(中心(?:小学|学校|校))", own)):
        owns += [match[1], "中心校"]  # the village of a township's centre school
    place = begins[-1] if begins else around[-1] if around else ""
    bare = kind_word(place) if kind_word(place) in ("市", "县", "区", "州") else ""
    leads = dict.fromkeys(("", place, stem(place), bare))
    found = (
        lead + each
        for lead, each in product(sorted(leads, key=len, reverse=True), dict.fromkeys(owns))
        if lead or not _SHARED.fullmatch(each)
    )
    return [form for form in dict.fromkeys(found) if form != name]


def parts(name: str) -> tuple[list[str], str]:
    """Return the regions that a name begins with, and the rest.

    Examples
    --------
    >>> parts("云溪县柳河镇中心学校"), parts("文山第一小学")
    ((['云溪县', '柳河镇'], '中心学校'), ([], '文山第一小学'))
    """
    lead = _REGIONS.match(name)
    if lead is None or not lead[0] or len(name) - lead.end() < 2:
        return [], name
    return places(lead[0]), name[lead.end() :]


def places(text: str) -> list[str]:
    """Return the regions that a chain of regions names.

    Examples
    --------
    >>> places("济南市市中区")
    ['济南市', '市中区']
    """
    return _ONE.findall(text)


# -- lists ---------------------------------------------------------------------------------------


def read_list(source: str) -> Listed:
    """Read a list of names: any source, or a file with one column of schools.

    Raises
    ------
    LiantuError
        If it cannot be read.
    """
    path = Path(source)
    if path.suffix.lower() in TEXT and path.is_file():
        rows = [row for sheet in read_file(path) for row in sheet.rows]
        names = [row[0].strip() for row in rows if row and row[0].strip()]
        if all(len([cell for cell in row if cell.strip()]) < 2 for row in rows):
            names = names[1:] if _is_header(names[0]) else names
            return Listed({("school", name): (name, ()) for name in names})
    return of_network(read(source))


def _is_header(text: str) -> bool:
    from liantu.loaders.headers import meaning

    return find_term("kind", text) is not None or meaning("school", text) is not None


def of_network(network: Network) -> Listed:
    """Return the names of a network."""
    chains: Mapping[str, tuple[str, ...]] = above(network.nodes("region").reset_index())
    names: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {}
    aliases: dict[tuple[str, str], tuple[str, ...]] = {}
    for kind in KINDS:
        frame = network.nodes(kind)
        called = frame["name"].fillna(frame.index.to_series())
        places: Iterable[Any] = frame["region"] if "region" in frame else [""] * len(frame)
        for key, name, place in zip(frame.index, called, places, strict=True):
            chain = chains.get(str(place), ()) if isinstance(place, str) else ()
            names[kind, str(key)] = (str(name), chain if kind != "region" else chains[str(key)])
        if "aliases" in frame:
            for key, text in frame["aliases"].dropna().items():
                parts = re.split("[、，,;；|]", str(text))
                aliases[kind, str(key)] = tuple(part.strip() for part in parts if part.strip())
    people = frozenset(network.nodes("teacher")["name"].dropna().astype(str))
    return Listed(names, aliases, people)
