"""Values: ids, dates, numbers, errors of spreadsheets, names of people, graphs that are too deep."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hostile.cases import FIRST, LISTS, SECOND, TABLES, THIRD, Case, county, names, spoilt, table
from hostile.commands import MAKES, OUT
from hostile.contract import Run, run

IDS = {
    "dots": "..",
    "path": "../../etc/passwd",
    "slash": "a/b/c",
    "absolute": "/etc/passwd",
    "html": "<script>alert(1)</script>",
    "entity": "&lt;b&gt;&#x0;",
    "formula": '=HYPERLINK("http://h","x")',
    "macro": "@SUM(1+1)*cmd|' /C calc'!A0",
    "tab": "\t=1+1",
    "controls": "a\x07b\x1b[31mc\x7f\x85",
    "bidi": "\u202eabc\u2066\u200b",
    "emoji": "👩‍🏫" * 50,
    "combining": "a" + "\u0301" * 5_000,
    "template": "{{ 7*7 }} ${7*7} %s {value} \\u0041",
    "noncharacters": "a\ufffe\uffffb",
    "quote": "a'b\"c`d;--",
    "escaped": "_x0041_ _xD800_",
    "long": "长" * 2_000,
}
DATES = (
    "9999-12-31", "0000-01-01", "0001-01-01", "45170", "1e308", "-1", "2021-02-30", "2021-13",
    "99999-01-01", "２０２１年９月", "2021-09-01T25:61:61Z", "1500-01-01", "2262-04-12", "昨天",
    "2021-09-01～9999-12-31", "1677-09-20", "inf", "9" * 5_000, "2021年" * 3_000,
)  # fmt: skip
NUMBERS = (
    "1e400", "-1e400", "NaN", "inf", "-inf", "9" * 5_000, "１２３", "-0", "1e-400", "0x1F", "1_000",
    "9223372036854775808", "1e308", "1,000,000", "壹佰", "1/3", "٣", "+" * 3_000, "4.5", "1e9" * 99,
)  # fmt: skip
ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#####")


def cases() -> Iterator[Case]:
    """Return the cases of values."""
    yield from _ids()
    yield from _dates()
    yield from _numbers()
    yield from _errors()
    yield from _people()
    yield from _claims()
    yield from _heavy()


def _ids() -> Iterator[Case]:
    for name, value in IDS.items():
        cell = '"' + value.replace('"', '""') + '"'
        text = f"id,name,urban_rural,pupils\n{cell},{cell},220,5\nb,b,111,9\n"
        tie = f"source,target,form\nb,{cell},{cell}\n"
        yield spoilt(
            f"id-{name}",
            {**dict.fromkeys(TABLES), "schools.csv": text, "assists.csv": tie},
            long=name in ("entity", "emoji", "noncharacters", "combining"),
        )
        yield spoilt(
            f"region-{name}", {"regions.csv": f"id,name,parent\n{cell},{cell},\n"}, long=True
        )
    for value in ("示例a", "EXAMPLE1", "nan", "None", "合计", "true", "1e5", "１", " a "):
        yield table(f"id-{value.strip()}", f"id,urban_rural\n{value},220\nb,111\n", long=True)


def _dates() -> Iterator[Case]:
    for number, value in enumerate(DATES):
        text = (
            f"source,target,form,start,end\n0130,0131,paired,{value},\n0130,0132,paired,,{value}\n"
        )
        yield spoilt(f"date-{number}", {"assists.csv": text}, long=number > 5)
        opened = f"id,urban_rural,opened,closed\n0130,111,{value},\n0131,220,,{value}\n0132,220,,\n"
        yield spoilt(f"opened-{number}", {"schools.csv": opened + "0133,210,,\n"}, long=number > 1)
    for name, value in {
        "blanks": "2021" + " " * 64_000,
        "blanks-then-x": "2021" + " " * 64_000 + "x",
        "tabs": "2021" + "\t" * 64_000,
        "wide-blanks": "2021" + "\u3000" * 64_000 + "年",
        "dashes": "2021" + "-" * 64_000,
        "zeros": "0" * 64_000 + "1",
    }.items():
        text = f'source,target,form,start\n0130,0131,paired,"{value}"\n'
        yield spoilt(f"date-of-64000-{name}", {"assists.csv": text})


def _numbers() -> Iterator[Case]:
    for number, value in enumerate(NUMBERS):
        schools = TABLES["schools.csv"].replace(",900", f',"{value}"')
        yield spoilt(f"number-{number}", {"schools.csv": schools}, long=number > 5)
        place = f"id,urban_rural,lon,lat\n0130,111,{value!r},1\n0131,220,2,{value!r}\n".replace(
            "'", '"'
        )
        yield table(f"place-{number}", place, long=number > 1)
        seen = f'kind,id,measure,period,value\nschool,0130,rank,2021,"{value}"\n'
        yield spoilt(f"observed-{number}", {"observations.csv": seen}, long=number > 1)
    blanks = TABLES["schools.csv"].replace(",900", "," + "1" + " " * 64_000 + "x")
    yield spoilt("number-and-64000-blanks", {"schools.csv": blanks})


def _errors() -> Iterator[Case]:
    for number, value in enumerate(ERRORS):
        schools = TABLES["schools.csv"]
        for column, old in (("id", "0132,"), ("name", "西村小学,"), ("pupils", "120\n")):
            text = schools.replace(old, value + old[-1])
            long = bool(number) or column == "name"
            yield spoilt(f"cell-error-{number}-{column}", {"schools.csv": text}, long=long)


def _people() -> Iterator[Case]:
    """Mistakes beside a teacher's name: what is said of them may not say the name."""
    posted, works = TABLES["posted_to.csv"], TABLES["works_at.csv"]
    found: dict[str, dict[str, str | bytes | None]] = {
        "unknown-end": {"posted_to.csv": f"source,target\n{FIRST} 的弟弟,0131\n{SECOND},9999\n"},
        "unknown-name": {"works_at.csv": works + f"{FIRST}{SECOND},0130\n{THIRD},0133\n"},
        "bad-date": {"posted_to.csv": posted.replace("2022-02-01", "昨天")},
        "reversed": {
            "mentors.csv": f"source,target,start,end\nt1,{SECOND},2022-01-01,2001-01-01\n"
        },
        "name-twice": {"teachers.csv": f"name,school\n{FIRST},0130\n{FIRST},0131\n"},
        "id-twice": {"teachers.csv": f"id,name\nt1,{FIRST}\nt1,{SECOND}\n"},
        "name-as-code": {"schools.csv": TABLES["schools.csv"].replace("primary", FIRST)},
        "name-as-date": {"assists.csv": f"source,target,start\n0130,0131,{FIRST}\n"},
        "name-as-kind": {"joins.csv": f"source,source_kind,target\n0130,{FIRST},k\n"},
        "name-as-header": {"posted_to.csv": f"source,target,{FIRST}\n{SECOND},0131,1\n"},
        "home-unknown": {"posted_to.csv": f"source,target,home\n{SECOND},0131,{THIRD}\n"},
        "no-teachers-table": {"teachers.csv": None},
        "teacher-without-id": {
            "teachers.csv": f"name,school,subject\n{FIRST},0130,语文\n{SECOND},0131,\n",
            "works_at.csv": f"source,target\n{FIRST},0130\n{SECOND},0131\n",
            "mentors.csv": f"source,target\n{FIRST},{SECOND}\n",
        },
        "observed": {
            "observations.csv": f"kind,id,measure,value\nteacher,{SECOND},honour,3\nteacher,{FIRST},x,\n"
        },
        "self-tie": {"mentors.csv": f"source,target\n{SECOND},{SECOND}\n"},
        "typed-wrong": {"mentors.csv": f"source,source_kind,target\n{SECOND},school,t1\n"},
    }
    for name, tables in found.items():
        yield spoilt(f"teacher-{name}", tables, people=True)


def _claims() -> Iterator[Case]:
    """Claims about people: judged on their names, told without."""
    for name, text, codes in (
        ("a-teacher", _claim(f"teacher:{SECOND}"), (0,)),
        ("a-teacher-by-school", _claim(f"teacher:东村小学/{THIRD}"), (0,)),
        ("nobody", _claim(f"teacher:{FIRST}"), (0, 1)),
        ("a-note", _claim("teacher:t1", f"{FIRST} 任教"), (0,)),
    ):

        def make(folder: Path, text: str = text, codes: tuple[int, ...] = codes) -> list[Run]:
            county(folder, {"claims.toml": text})
            return [
                run("audit", LISTS, codes=codes),
                run("audit", LISTS, "--rows", "-o", f"{OUT}.csv", makes=MAKES, codes=codes),
                run("report", LISTS, "-o", f"{OUT}.html", makes=MAKES),
                run("export", LISTS, OUT, makes=MAKES),
            ]

        yield Case(f"claim-of-{name}", make)


def _claim(subject: str, note: str = "x") -> str:
    return (
        f'[[claim]]\nid = "a"\nsubject = "{subject}"\nplace = "1"\nnote = "{note}"\n'
        'measure = { attribute = "honour", is = "省级" }\n'
    )


def _heavy() -> Iterator[Case]:
    yield spoilt(
        "names-times-names", {"assists.csv": f"source,target\n{names(16_000)},{names(16_000)}\n"}
    )
    known = "id,urban_rural\n" + "".join(f"校{n},220\n" for n in range(16_000))
    yield spoilt(
        "known-names-times-names",
        {
            **dict.fromkeys(TABLES),
            "schools.csv": known,
            "assists.csv": f"source,target\n{names(16_000)},{names(16_000)}\n",
        },
    )
    chain = "id,parent\n" + "".join(f"r{n},r{n + 1}\n" for n in range(5_000)) + "r5000,\n"
    schools = "id,region,urban_rural\na,r0,220\nb,r2500,111\n"
    bare: dict[str, str | bytes | None] = dict.fromkeys(TABLES)
    yield spoilt("chain-of-regions", {**bare, "regions.csv": chain, "schools.csv": schools})
    ring = chain.replace("r5000,\n", "r5000,r0\n")
    yield spoilt("ring-of-regions", {**bare, "regions.csv": ring, "schools.csv": schools})
    many = "id,urban_rural\n" + "".join(f"s{n},220\n" for n in range(5_000))
    heirs = "source,target\n" + "".join(f"s{n},s{n + 1}\n" for n in range(4_999))
    yield spoilt("chain-of-parents", {**bare, "schools.csv": many, "affiliated_to.csv": heirs})
    yield spoilt("chain-of-ties", {**bare, "schools.csv": many, "assists.csv": heirs}, long=True)
    star = "source,target,role\n" + "".join(f"s{n},g,core\n" for n in range(1_000))
    yield spoilt("thousand-cores", {**bare, "schools.csv": many, "member_of.csv": star}, long=True)
    old = "".join(f"0130,0131,{year:04},{year + 1:04}\n" for year in range(1, 2_000))
    yield spoilt("two-thousand-years", {"assists.csv": "source,target,start,end\n" + old})
    wide = "id,name\n" + "".join(f"s{n},{'学' * 3_000}\n" for n in range(300))
    yield spoilt("long-names", {**bare, "schools.csv": wide}, long=True)
