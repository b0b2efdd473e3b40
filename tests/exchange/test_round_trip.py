"""What liantu writes, it reads back as the same network: every value, whatever it looks like."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hard import hard_network
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liantu import Network, read
from liantu.errors import RequestError
from liantu.exchange import export
from liantu.graph import schema

OUTS = ["tables", "net.xlsx", "net.json", "net.graphml"]


def plain(network: Network) -> dict[str, pd.DataFrame]:
    """Return filled frames without defaults, which are as good as empty."""
    frames = {name: frame for name, frame in network.plain_frames().items() if len(frame)}
    for name, frame in frames.items():
        for key, column in schema.tables()[name].columns.items():
            if column.default and not column.required:
                default = False if column.type == "bool" else column.default
                same = (frame[key] == default).fillna(False).astype(bool)
                frames[name] = frames[name].assign(**{key: frame[key].mask(same)})
    return frames


def same(one: Network, other: Network) -> None:
    """Compare cell by cell, not by the fingerprint that reading itself stands on."""
    again = plain(other)
    assert list(again) == list(plain(one))
    for name, frame in plain(one).items():
        pd.testing.assert_frame_equal(again[name], frame)
    assert (other.title, other.as_of) == (one.title, one.as_of)
    assert [dict(phase) for phase in other.phases] == [dict(phase) for phase in one.phases]
    assert [dict(goal) for goal in other.goals] == [dict(goal) for goal in one.goals]
    assert other.fingerprint == one.fingerprint


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("out", OUTS)
def test_the_hard_network_comes_back(out, lang, tmp_path):
    network = hard_network()
    lost = export(network, tmp_path / out, lang=lang)
    assert [message.code for message in lost] == ["report_left_out"]
    again = read(tmp_path / out)
    same(network, again)
    assert {table["rows_read"] for table in again.report.tables if table["table"] == "school"} == {
        31
    }


@pytest.mark.parametrize("out", OUTS)
def test_writing_twice_gives_the_same_bytes(out, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        export(hard_network(), tmp_path / folder / out)
    for path in (tmp_path / "a").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


@pytest.mark.parametrize("out", OUTS)
def test_an_existing_file_is_replaced_if_forced(out, tmp_path):
    if "." in out:
        (tmp_path / out).write_text("old", encoding="utf-8")
    network = Network.from_frames({"school": pd.DataFrame({"id": ["a"]})})
    if "." in out:
        with pytest.raises(RequestError, match="is there already"):
            export(network, tmp_path / out)
    export(network, tmp_path / out, force=True)
    same(network, read(tmp_path / out))


@pytest.mark.parametrize("out", OUTS)
def test_a_network_without_anything_comes_back(out, tmp_path):
    network = Network.from_frames({}, title="空")
    export(network, tmp_path / out)
    same(network, read(tmp_path / out))


@pytest.mark.parametrize("out", OUTS)
def test_signs_that_formats_treat_in_their_own_way_come_back(out, tmp_path):
    texts = [
        "a\rb",
        "a\r\nb",
        "\x07",
        "\x00",
        "\x1f",
        "\x7f",
        "_x0007_",
        "_x000D_",
        " ",
        "\n",
        '"',
        "\ufeff",
    ]
    network = Network.from_frames(
        {
            "school": pd.DataFrame(
                {"id": [f"{n}{text}b" for n, text in enumerate(texts)], "name": texts}
            ),
            "assists": pd.DataFrame(
                {"source": ["0a\rbb"], "target": ["2\x07b"], "agreement": ["\x01"]}
            ),
            "observations": pd.DataFrame(
                {"id": ["0a\rbb"], "measure": ["\x02"], "text": ["_x0002_"]}
            ),
        },
        title="\x07_x0007_\r\x7f",
        goals=[{"id": "\r\x07", "rule": "rotation", "share": 0.5}],
    )
    export(network, tmp_path / out)
    same(network, read(tmp_path / out))


@pytest.mark.parametrize("out", OUTS)
def test_values_beyond_the_usual_come_back(out, tmp_path):
    seconds = np.array(
        ["1899-12-31T00:00:01", "1900-02-28", "9999-12-31", "0001-01-01", "NaT"], "M8[s]"
    )
    network = Network.from_frames(
        {
            "school": pd.DataFrame(
                {
                    "id": list("abcde"),
                    "pupils": pd.array([2**62, 2**53, 2**53 + 1, 0, None], dtype="Int64"),
                    "opened": pd.Series(seconds),
                }
            ),
            "observations": pd.DataFrame(
                {
                    "id": list("abcde"),
                    "measure": "m",
                    "value": [np.inf, -np.inf, 5e-324, 1.7976931348623157e308, -0.1],
                }
            ),
        }
    )
    export(network, tmp_path / out)
    same(network, read(tmp_path / out))


@pytest.mark.parametrize("out", OUTS)
def test_codes_written_like_the_word_of_another_stay_as_written(out, tmp_path):
    frames = {
        "school": pd.DataFrame({"id": ["a", "b"], "stage": ["primary", "junior"]}),
        "assists": pd.DataFrame(
            {"source": ["a", "b"], "target": ["b", "a"], "form": ["结对", "paired"]}
        ),
    }
    network = Network.from_frames(frames)
    export(network, tmp_path / out, lang="zh")
    again = read(tmp_path / out)
    same(network, again)
    assert again.relation("assists")["form"].tolist() == ["结对", "paired"]


@pytest.mark.parametrize("out", OUTS)
def test_a_network_without_names_keeps_the_fingerprint_of_what_is_written(out, tmp_path):
    masked = hard_network().without_teacher_names()
    export(masked, tmp_path / out)
    again = read(tmp_path / out)
    assert len({again.fingerprint, masked.fingerprint, hard_network().fingerprint}) == 3
    found = plain(again)
    for name, frame in plain(masked).items():
        pd.testing.assert_frame_equal(found[name], frame)


def test_to_networkx_comes_back():
    same(hard_network(), Network.from_networkx(hard_network().to_networkx()))


# Letters of every kind that a file may stumble over; similar ids are refused by every network.
TEXTS = st.text(
    st.one_of(
        st.sampled_from(
            list("0１a甲示例、;；,\"'=+-@\n\r\t\\ \u3000_x<&>%🏫\x00\x07\x85\u2028\ufeff")
        ),
        st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"),
    ),
    min_size=1,
    max_size=8,
)
NUMBERS = st.one_of(st.none(), st.floats(allow_nan=False))
DATES = st.one_of(st.none(), st.dates(date(1, 1, 1), date(9999, 12, 31)))


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(st.one_of(st.none(), TEXTS), min_size=3, max_size=3),
    numbers=st.lists(NUMBERS, min_size=3, max_size=3),
    dates=st.lists(DATES, min_size=3, max_size=3),
    center=TEXTS,
    title=TEXTS,
)
def test_any_text_number_and_date_comes_back(
    names, numbers, dates, center, title, tmp_path_factory
):
    network = Network.from_frames(
        {
            "school": pd.DataFrame({"id": list("abc"), "name": names, "opened": dates}),
            "center": pd.DataFrame({"id": [center], "form": names[:1]}),
            "joins": pd.DataFrame(
                {
                    "source": ["a"],
                    "source_kind": "school",
                    "target": [center],
                    "subject": names[1:2],
                }
            ),
            "observations": pd.DataFrame(
                {"id": list("abc"), "measure": "m", "value": numbers, "text": names}
            ),
        },
        title=title,
        as_of="2024-01-01",
    )
    folder = tmp_path_factory.mktemp("any")
    for out in OUTS:
        export(network, folder / out)
        same(network, read(folder / out))
