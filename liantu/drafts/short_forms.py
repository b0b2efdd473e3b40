"""Short forms in which people write the names of schools, and the names that they may stand for.

They are hints for a person to look at, never matches.
"""

from __future__ import annotations

import re

_DIGITS = str.maketrans("123456789", "一二三四五六七八九")
_ORDER = "[一二三四五六七八九十]{1,3}"
# What a short form ends with or is, and what it may stand for; 1 is what stands before it.
_FORMS = tuple(
    (re.compile(pattern), full)
    for pattern, full in (
        (f"({_ORDER})小", ("第1小学", "第1完全小学")),
        (f"({_ORDER})中", ("第1中学", "第1初级中学", "第1高级中学")),
        (f"({_ORDER})初", ("第1初级中学", "第1中学")),
        (f"({_ORDER})高", ("第1高级中学", "第1中学")),
        (f"({_ORDER})幼", ("第1幼儿园",)),
        (f"({_ORDER})(小学|中学|初级中学|高级中学|幼儿园)", ("第12",)),
        ("实验?小", ("实验小学",)),
        ("实验?中", ("实验中学", "实验初级中学", "实验高级中学")),
        ("实验?高", ("实验高级中学",)),
        ("实验?幼", ("实验幼儿园",)),
        ("实验(?:学校)?", ("实验学校", "实验小学", "实验中学")),
        ("中心(?:小|校|小学|学校)", ("中心小学", "中心学校", "中心校")),
        ("中小", ("中心小学",)),
        ("中心?幼(?:儿园)?", ("中心幼儿园",)),
        ("初中", ("初级中学", "中学")),
        ("高中", ("高级中学", "中学")),
        ("(.*)九年(?:一贯)?制?(?:学校)?", ("1九年一贯制学校", "1九年制学校")),
        (
            "职[中高校]|职教中心",
            ("职业中学", "职业高级中学", "职业技术学校", "职业教育中心", "职业学校"),
        ),
        ("特校|特教(?:学校)?", ("特殊教育学校",)),
        ("外校|外国语", ("外国语学校",)),
        ("(.*)附小", ("1附属小学",)),
        ("(.*)附中", ("1附属中学",)),
        ("(.+)完小", ("1完全小学", "1小学")),
        ("(.+)村小学?", ("1小学", "1村小学")),
        ("(.+)初中", ("1初级中学", "1中学")),
        ("(.+)高中", ("1高级中学", "1中学")),
        ("(.+[^村完附中])小", ("1小学",)),
        ("(.+[^初高附])中", ("1中学",)),
        ("(.+)教学?点", ("1教学点",)),
        ("(.+[^心学])校", ("1学校", "1小学")),
        ("(.+)幼", ("1幼儿园",)),
    )
)


def full_forms(text: str) -> list[str]:
    """Return the names that a short form, without its regions, may stand for.

    Examples
    --------
    >>> full_forms("一小"), full_forms("实小"), full_forms("王庄小")
    (['第一小学', '第一完全小学'], ['实验小学'], ['王庄小学'])
    """
    plain = re.sub(r"^第?(?=[1-9])|^第", "", text).translate(_DIGITS)
    found: dict[str, None] = {}
    for pattern, full in _FORMS:
        match = pattern.fullmatch(plain)
        if match is None:
            continue
        groups = match.groups()
        for form in full:
            for number, group in enumerate(groups, 1):
                form = form.replace(str(number), group or "")
            found[form] = None
    found.pop(text, None)
    return list(found)
