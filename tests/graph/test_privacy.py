"""What is personal, what stands for it, and that nothing lets a name be guessed."""

from __future__ import annotations

import itertools
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liantu
from liantu.errors import Problem
from liantu.graph import privacy
from liantu.graph.fingerprint import fingerprint
from liantu.graph.frames import coded
from liantu.graph.network import Network
from liantu.graph.privacy import personal

NAMES = ["欧阳靖宇", "司马若兰"]
IDS = [f"一小/{NAMES[0]}", "11010119900307123X", "T3"]


def frames(names=(*NAMES, "诸葛小七"), ids=tuple(IDS)) -> dict[str, pd.DataFrame]:
    one, two, three = ids
    return {
        "school": pd.DataFrame({"id": ["a", "b"], "name": ["一小", "二小"]}),
        "center": pd.DataFrame({"id": ["c"], "name": [f"{NAMES[1]}名师工作室"]}),
        "teacher": pd.DataFrame(
            {"id": list(ids), "name": list(names), "provenance": ["名册", f"{names[0]}填报", None]}
        ),
        "works_at": pd.DataFrame(
            {"source": [one, two, three], "target": ["a", "b", "b"], "place": [f"见{one}", "", ""]}
        ),
        "mentors": pd.DataFrame(
            {
                "source": [one, three], "source_kind": "teacher",
                "target": [three, two], "target_kind": "teacher",
                "provenance": [f"{names[1][:2]} {names[1][2:]}口述", None],
            }
        ),
        "observations": pd.DataFrame(
            {"kind": ["teacher", "school"], "id": [two, "a"], "measure": ["节", "x"],
             "text": [names[2], f"{NAMES[1]}名师工作室设于此"]}
        ),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("一小/王芳", "王芳"),
        ("王芳", None),  # a school/name whose name was left out
        ("一小/王芳", None),
        ("王 芳-1", "王芳"),
        ("１:Ａnna Li", "anna li"),
        ("anna.li7", "Anna Li"),
        ("7-Schmidt", "Anna Schmidt"),
        ("wangfang", "王芳"),
        ("wangfang02", "王芳"),
        ("wang.fang-02", "王芳"),
        ("lu:er.2", "卢尔"),
        ("教师/王", "王"),
        ("11010119900307123X", "王芳"),
        ("１１０１０１１９９００３０７１２３ｘ", None),
        ("T13912345678", "王芳"),
        ("8613912345678", "王芳"),
    ],
)
def test_ids_that_say_who_it_is(key, name):
    assert personal(key, name)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("T0017", "王芳"),
        ("0130:T03", "王"),
        ("xj-teacher-001", "夏津·填充教师 001"),
        ("007", "A"),
        ("T0017", "T0017"),  # made from a tie that gives a code in place of a name
        ("teacher-0123456789abcdef", None),
        ("20240913912345678", None),  # longer than a telephone number, shorter than a card's
    ],
)
def test_codes_stay(key, name):
    assert not personal(key, name)


def test_nothing_personal_is_left():
    masked = Network.from_frames(frames(), title=f"{NAMES[0]}的区县").without_teacher_names()
    shown = masked.title + "".join(frame.to_csv() for frame in masked.plain_frames().values())
    joined = "".join(shown.split())
    for word in (*NAMES, "诸葛小七", *IDS[:2]):
        assert word not in joined.replace(f"{NAMES[1]}名师工作室", "")
    assert "T3" in shown
    assert masked.nodes("center")["name"].tolist() == [f"{NAMES[1]}名师工作室"]
    assert masked.observations["text"].tolist() == [f"{NAMES[1]}名师工作室设于此", "‹…›"]
    assert masked.title == "‹…›的区县"
    assert set(masked.relation("mentors")["provenance"].dropna()) == {"‹…›口述"}
    assert len(masked.relation("works_at")) == 3
    assert set(masked.relation("works_at")["source"]) == set(masked.nodes("teacher").index)


def test_masking_twice_is_masking_once():
    masked = Network.from_frames(frames()).without_teacher_names()
    assert masked.without_teacher_names() is masked
    again = Network.from_frames(masked.plain_frames())
    assert again.without_teacher_names().fingerprint == again.fingerprint


def test_the_fingerprint_without_names_is_the_same_everywhere(monkeypatch):
    found = set()
    for key in ("a secret of one user", "a secret of another"):
        monkeypatch.setenv("LIANTU_KEY", key)
        masked = Network.from_frames(frames()).without_teacher_names()
        found.add((masked.fingerprint, Network.from_frames(frames()).fingerprint))
    assert len(found) == 1
    turned = {name: frame.iloc[::-1] for name, frame in frames().items()}
    assert Network.from_frames(turned).without_teacher_names().fingerprint == masked.fingerprint
    other = frames()
    other["works_at"].loc[2, "target"] = "a"
    assert Network.from_frames(other).without_teacher_names().fingerprint != masked.fingerprint


def test_no_guess_of_a_name_can_be_tested(monkeypatch):
    """Two networks that differ in names alone cannot be told apart by what is printed of them."""
    one = Network.from_frames(frames())
    names = ("欧阳靖雨", "司马若蓝", "诸葛小八")
    ids = ("一小/欧阳靖雨", "11010119900307124X", "T3")
    other = Network.from_frames(frames(names, ids))
    assert one.fingerprint != other.fingerprint
    prints = [each.without_teacher_names().fingerprint for each in (one, other)]
    # what stands in texts is no name of the second network's teachers: the same texts, masked
    assert prints[0] == prints[1]


def test_no_guess_of_who_is_who_can_be_tested():
    """A roster does not tell which of two colleagues is the one who was posted."""

    def printed(posted: str, mentor: str, *, twice: bool = False) -> str:
        names = ["张伟", "李娜", "欧阳修远"]
        mentee = next(name for name in names if name != mentor)
        network = Network.from_frames({
            "school": pd.DataFrame({"id": ["S1", "S2"]}),
            "teacher": pd.DataFrame({"id": names, "name": names}),
            "works_at": pd.DataFrame({"source": names, "target": "S1"}),
            "posted_to": pd.DataFrame({"source": [posted] * (1 + twice), "source_kind": "teacher",
                                       "target": "S2", "start": ["2024-02-01", "2023-02-01"][: 1 + twice]}),
            "mentors": pd.DataFrame({"source": [mentor], "source_kind": "teacher",
                                     "target": [mentee], "target_kind": "teacher"}),
            "observations": pd.DataFrame({"kind": "teacher", "id": [mentor], "measure": "honour"}),
        })  # fmt: skip
        return network.without_teacher_names().fingerprint

    same = [("张伟", "张伟"), ("李娜", "李娜"), ("欧阳修远", "欧阳修远")]
    assert len({printed(*each) for each in same}) == 1
    others = {printed("张伟", "李娜"), printed("欧阳修远", "李娜"), printed("张伟", "欧阳修远")}
    assert others.isdisjoint({printed(*same[0])})  # another is posted than mentors
    assert printed(*same[0], twice=True) != printed(*same[0])


def test_a_dictionary_and_the_export_find_nothing():
    """The attack of old: hash each guess as the data would hash; nothing printed fits."""
    network = Network.from_frames(frames())
    masked = network.without_teacher_names()
    printed = {masked.fingerprint, *masked.nodes("teacher").index}
    for guess in itertools.chain(NAMES, IDS[:2]):
        for purpose in ("", "teachers"):
            plain = fingerprint(network.plain_frames(), purpose)
            assert plain not in printed
            assert guess not in printed


def test_pseudonyms_hang_on_the_secret_alone(monkeypatch):
    def ids(given):
        return set(Network.from_frames(given).without_teacher_names().nodes("teacher").index)

    whole, part = ids(frames()), ids({"teacher": frames()["teacher"].iloc[:1]})
    assert part < whole
    monkeypatch.setenv("LIANTU_KEY", "a secret of another user")
    assert ids(frames()) & whole == {"T3"}


def test_a_network_that_names_nobody_keeps_its_fingerprint():
    network = Network.from_frames(
        {"school": pd.DataFrame({"id": ["a"]}), "teacher": pd.DataFrame({"id": ["T1"]})}
    )
    masked = network.without_teacher_names()
    assert masked.fingerprint == network.fingerprint
    assert masked.relation("works_at") is not None


def test_texts_in_any_form_and_what_is_nobodys_name():
    network = Network.from_frames(
        {
            "school": pd.DataFrame({"id": ["s"], "name": ["高明中学"]}),
            "teacher": pd.DataFrame({"id": ["T1", "T2", "T3"], "name": ["高明", "Anna Li", "王"]}),
        }
    )
    mask = network.without_teacher_names().masking
    assert mask is not None
    text = "高明中学的高　明、ＡＮＮＡ　ＬＩ与王、Hanna Lis"
    assert mask.text(text) == "高明中学的‹…›、‹…›与王、Hanna Lis"
    assert mask.text(unicodedata.normalize("NFD", "é 高明")).endswith("‹…›")


def test_a_problem_hides_what_it_quotes_but_not_its_place():
    problem = Problem(
        "error", "unknown_end", "works_at.csv", row=3, column="教师", value="王芳",
        params={"kind": "teacher", "nearest": " (→ “王芬”?)"}, private=True,
    )  # fmt: skip
    line = problem.hidden().line()
    assert line.startswith(
        "works_at.csv, row 3, column “教师”: no teacher has the id or name “‹…›”"
    )
    assert "王" not in line
    header = Problem("warning", "unknown_header", column="职称级", value="职称级", private=True)
    assert header.hidden() is header


def test_long_ids_cost_no_time():
    for key in ("a" * 200_000 + "1b", "ae" * 8 + "b1", "1" * 200_000, " 1" * 100_000):
        personal(key, "王芳")


@given(
    st.lists(
        st.tuples(
            st.text("aZ09-. ０王芳Ａ́", min_size=1, max_size=14),
            st.none() | st.text("aZ9 王芳Ａ·", min_size=1, max_size=5),
        ),
        min_size=1,
        max_size=20,
        unique_by=lambda pair: pair[0],
    )
)
@settings(max_examples=60, deadline=None)
def test_looking_at_whole_columns_finds_no_other_ids(pairs):
    ids, names = zip(*pairs, strict=True)
    said = coded(pd.Series(names, dtype="str"))
    plainly = privacy._plainly_codes(pd.Index(ids, dtype="str"), said)
    assert not any(personal(*pair) for pair in np.array(pairs, dtype=object)[plainly])


@given(
    st.lists(st.text("a9 王芳李Ａ", min_size=1, max_size=4), min_size=1, max_size=4),
    st.lists(st.text("a9 王芳李Ａ，", max_size=12), max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_looking_at_whole_columns_finds_every_text(names, texts):
    teachers = pd.DataFrame({"id": [f"T{n}" for n in range(len(names))], "name": names})
    mask = Network.from_frames({"teacher": teachers}).without_teacher_names().masking
    found = mask._replaced(texts)
    assert found == {text: new for text in texts if (new := mask.text(text)) != text}


def test_what_is_known_of_ties_is_shared_without_names_too():
    rows = {"source": ["a", "c"], "target": ["b", "b"], "end": ["2024-01-31", "2025-01-31"]}
    teachers = pd.DataFrame({"id": ["甲校/王老师"], "name": ["王老师"]})
    works = pd.DataFrame({"source": ["甲校/王老师"], "target": ["a"]})
    posted = pd.DataFrame({"source": ["甲校/王老师"], "target": ["c"], "start": ["2023-09-01"]})
    network = Network.from_frames(
        {
            "teacher": teachers,
            "assists": pd.DataFrame(rows),
            "works_at": works,
            "posted_to": posted,
        },
        as_of="2024-06-30",
    ).without_teacher_names()
    before = liantu.ties(network).table
    later = network.replaced(
        {"assists": network.relation("assists").iloc[1:].reset_index(drop=True)}
    )
    assert any("posted_to" in of for of, _ in later.parts.values())
    assert not any("assists" in of for of, _ in later.parts.values())
    after = liantu.ties(later).table
    assert len(before) == 3
    assert len(after) == 2
    assert set(after["basis"]) == {"assists", "posted_to"}


@pytest.mark.parametrize("ids", [IDS, ["T1", "T2", "T3"]])
@pytest.mark.parametrize(("title", "hit"), [(f"{NAMES[0]}的名单", True), ("全县名单", False)])
def test_a_title_is_masked_where_it_holds_a_name(ids, title, hit):
    network = Network.from_frames(frames(ids=tuple(ids)), title=title)
    masking = privacy.masking(network)
    assert masking.changes([title]) == hit == (masking.deep([title]) != [title])
    assert (network.without_teacher_names().title != title) == hit
