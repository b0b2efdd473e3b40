"""Names that no list holds: told by how they end; where they begin is told by the words before.

The words and their kind are those of jieba's dictionary, so that no rule is fitted to a text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache

from liantu.extract.lexicon import Word, listed, says_little, split, tag_of
from liantu.extract.spans import Span, apart

_LONGEST = 24  # signs before the ending of a name
_MOST_WORDS = 9
_ORDER = "[一二三四五六七八九十]"
_ENDINGS = {
    "alliance": "(?:教育|办学|名校|学校)?集团(?!化)|教联体|教共体|(?:学校)?(?:教育)?(?:发展)?共同体"
    "|学区(?![化长])(?:联盟)?|(?:教育|学校|办学)?联盟|(?:区域)?(?:教育)?协作体|教育集群",
    "center": "(?:教研|研究|发展|共育|融合|指导|培训|评价|服务)?中心(?![小校学幼任城地镇区村])"
    "|工作室|工作站|(?:教研|培训|实训|实践)基地(?!校)|研究院|研究所",
    "partner": "大学(?![生堂城区])|学院(?!派)|基金会|协会|学会|商会|(?:有限)?(?:责任)?公司|出版社"
    "|研究会"
    f"|交大|师大|工大|农大|理工|[^{_ORDER}]银行",
    "school": "(?:初级|高级|完全|职业|附属|中心|九年一贯制|完全小)*"
    f"(?:第?{_ORDER}{{1,3}})?"
    "(?:小学(?![段生校]|部(?!分))|中学(?![段生校]|部(?!分))|幼儿园|初中(?=[、,，。;；等和与及”])|中心校|中心学校"
    "|附小|附中|完小(?!校长)|教学点|学校(?![长]))"
    f"|(?<={_ORDER})[小中](?![学校心国央型等小大年期国间午外旬秋考的下上])",
}
_QUOTED = re.compile("[“「『][^”」』“\n]{1,12}[”」』]$")
_STREETS = "经中"  # words that end a name elsewhere
_COUNTED = re.compile(r"[共约近达]{0,2}\d+[余多]?[所个家]")  # what is counted has no name
_BUSINESS = re.compile("(?<!教育)(?<!办学)(?<!名校)(?<!学校)(?<![学中小校园])集团$")
_SIGNS = re.compile("[\u4e00-\u9fffA-Za-z0-9]+")
_ORDINAL = re.compile(f"第?{_ORDER}{{1,3}}[小中]?|第{_ORDER}{{1,3}}|{_ORDER}{{1,3}}[路里马道]")


@cache
def _endings(kind: str) -> re.Pattern[str]:
    return re.compile(_ENDINGS[kind])


def find_unlisted(sentence: str, *, known: frozenset[str] = frozenset()) -> list[Span]:
    """Return the names in a sentence, told by their endings; `known` are regions met elsewhere.

    Examples
    --------
    >>> [(s.kind, s.text) for s in find_unlisted("东州市扩建双泉小学，带动柳河镇中心小学。")]
    [('region', '东州市'), ('school', '双泉小学'), ('school', '柳河镇中心小学')]
    """
    words = split(sentence)
    found: list[Span] = []
    for kind in ("alliance", "center", "partner", "school"):
        found += _of_kind(kind, sentence, words)
    names = sorted(found, key=lambda span: (span.start - span.end, span.kind))
    return apart([*names, *regions(sentence, words, known)])


def _of_kind(kind: str, sentence: str, words: Sequence[Word]) -> Iterator[Span]:
    for ending in _endings(kind).finditer(sentence):
        if not _ends_a_word(kind, ending.end(), words):
            continue
        if _COUNTED.match(sentence, ending.end()):
            continue
        start = _begin(kind, sentence, words, ending.start())
        if start is None:
            continue
        text = sentence[start : ending.end()]
        own = "partner" if kind == "alliance" and _BUSINESS.search(text) else kind
        yield Span(start, ending.end(), own, text, "rule", "low")


def _ends_a_word(kind: str, end: int, words: Sequence[Word]) -> bool:
    """Return whether a word ends here, or begins with the ending as in 小学教师."""
    place = bisect_left(words, end, key=lambda word: word.end)
    word = words[place]
    return word.end == end or word.text[: end - word.start] in listed(f"ends_{kind}")


def _begin(kind: str, sentence: str, words: Sequence[Word], ending: int) -> int | None:
    """Return where the name begins whose ending begins here; None where there is none."""
    if quoted := _QUOTED.search(sentence, max(0, ending - 14), ending):
        inner = quoted[0][1:-1]
        plain = all(says_little(word, kind) for word in split(inner))
        return None if plain or not re.search("[A-Za-z0-9\u4e00-\u9fff]", inner) else quoted.start()
    before = [word for word in words if word.start < ending and word.end > ending - _LONGEST]
    if before and before[-1].end > ending:  # a word that reaches into the ending
        last = before[-1]
        cut = last.text[: ending - last.start]
        before[-1] = Word(last.start, ending, cut, tag_of(cut))
    kept: list[Word] = []
    for word in reversed(before[-_MOST_WORDS:]):
        if not _belongs(word, kind, kept):
            break
        kept.insert(0, word)
    numbered = kind == "school" and sentence.startswith("第", ending)
    while kept and says_little(kept[0], kind) and not _leads(kept, kind, numbered=numbered):
        kept.pop(0)
    plain = all(says_little(word, kind) for word in kept)
    if not kept or (plain and not (kind == "school" and _leads(kept, kind, numbered=numbered))):
        return None
    if numbered and len(kept) == 1:  # 市第二小学
        return kept[0].start
    body = sentence[kept[0].start : ending]
    plain = body == "实验" and sentence.startswith("学校", ending)
    return None if len(body) < 2 or plain else kept[0].start


def _leads(kept: Sequence[Word], kind: str, *, numbered: bool) -> bool:
    """Return whether a name begins with a word that says little: 市三中, 区实验学校, 县第一 …."""
    first = kept[0].text
    if first in listed("kept"):
        return True
    if len(kept) > 1 and kept[1].text in ("镇", "乡", "县", "市", "区", "街道") and len(first) > 1:
        return first not in listed("common")
    if kind != "school" or len(first) > 1:
        return False
    if len(kept) == 1:
        return numbered
    return kept[1].text in ("实验", "中心") or bool(_ORDINAL.fullmatch(kept[1].text))


def _belongs(word: Word, kind: str, behind: Sequence[Word]) -> bool:
    """Return whether a word may be part of a name, given those behind it."""
    text, tag = word.text, word.tag
    if not _SIGNS.fullmatch(text) or (text.isdigit() and not behind) or text in listed("stop"):
        numbered = bool(behind) and bool(re.match(_ORDER, behind[0].text))
        return numbered and text in _STREETS  # 经五路, never 五路
    if text in listed("kept") or _ORDINAL.fullmatch(text):
        return True
    if kind == "alliance" and text.endswith(tuple(listed("ends_school"))):
        return True
    if text in listed(f"ends_{kind}"):
        return bool(behind) and behind[0].text == "附属"
    if len(text) == 1:
        return True
    if len(text) > 3 and tag == "n":  # a phrase
        return False
    return tag not in ("d", "r", "c", "p", "l", "i", "q", "f", "t") and tag[:1] not in "vuryeo"


# -- regions -------------------------------------------------------------------------------------

_LEVEL = "省|自治区|自治州|自治县|市|州|盟|县|区|旗|镇|乡|街道"
_NO = (
    "贫困县",
    "贫困区",
    "示范区",
    "实验区",
    "试验区",
    "开发区",
    "高新区",
    "经开区",
    "新城区",
    "中心区",
)
_OFFICES = ("委", "级", "政府", "直", "属", "教育局", "教体局")
_LEVELS = re.compile(f"(?:{_LEVEL})$")


def regions(
    sentence: str, words: Sequence[Word], known: frozenset[str] = frozenset()
) -> list[Span]:
    """Return the regions in a sentence; those one in the other, side by side, are one."""
    found: list[tuple[int, int]] = []
    for number, word in enumerate(words):
        text = word.text
        if text in listed("region_not") or text[0] in "各全本该我":
            continue
        above = bool(found) and found[-1][1] == word.start
        if above and word.tag == "n" and len(text) == 3 and text[-1] in "县区" and text not in _NO:
            found.append((word.start, word.end))
            continue
        if (
            above and text[0] in "市县区" and text[1:] in _OFFICES
        ):  # 东州市委 is an office of 东州市
            found[-1] = (found[-1][0], word.start + 1)
            continue
        before = words[number - 1] if number else None
        if text in known or _is_region(word):
            found.append((word.start, word.end))
        elif (
            before is not None
            and len(text) == 1
            and _LEVELS.fullmatch(text)
            and text not in "省州盟旗"
            and len(before.text) in (2, 3)
            and _may_be_place(before, text)
            and before.text + text not in listed("region_not")
            and not _behind(sentence, word.end)
        ):
            found.append((before.start, word.end))
    for name in known:
        found += [(m.start(), m.end()) for m in re.finditer(re.escape(name), sentence)]
    return [
        Span(start, end, "region", sentence[start:end], "rule", "low")
        for start, end in _chains(sentence, found)
    ]


def _behind(sentence: str, at: int) -> bool:
    """Return whether a level is not the end of a place: 市级, 区内, 县域, 镇上."""
    return sentence[at : at + 1] in set("级内域外上中下长委直属别分")


def _is_region(word: Word) -> bool:
    text, tag = word.text, word.tag
    if _LEVELS.search(text) and len(text) > 1:
        return tag in ("ns", "nz", "z", "nr") and (len(text) > 2 or tag == "ns")
    if tag != "ns" or len(text) < 2:
        return False
    return any(tag_of(text + level) == "ns" for level in ("省", "市"))


def _may_be_place(word: Word, level: str) -> bool:
    return word.tag in ("ns", "nr", "nz", "") or (
        level != "区" and word.tag == "n" and not says_little(word, "school")
    )


def _chains(sentence: str, found: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return places, joined where one follows the other and lies in it by the look of its level."""
    chains: list[tuple[int, int]] = []
    for start, end in sorted(set(found), key=lambda pair: (pair[0], -pair[1])):
        if chains and start < chains[-1][1]:
            continue
        last = chains[-1] if chains else None
        if (
            last
            and last[1] == start
            and _rank(sentence[last[0] : start]) < _rank(sentence[start:end])
        ):
            chains[-1] = (last[0], end)
        else:
            chains.append((start, end))
    return chains


def _rank(place: str) -> int:
    """Return how deep a place lies by its last sign."""
    return next(
        (n for n, signs in enumerate(("省", "市州盟", "县区旗", "镇乡道")) if place[-1] in signs), 1
    )
