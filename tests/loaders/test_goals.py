"""Goals in ``network.toml``: read as they are, or one clear line for each thing that is wrong."""

from __future__ import annotations

import pytest

from liantu.cli import main
from liantu.errors import RequestError
from liantu.loaders import read

GOOD = '[[goal]]\nid = "a"\nrule = "rotation"\nshare = 0.1\n'


def folder(tmp_path, toml):
    (tmp_path / "school.csv").write_text("id,teachers\nx,10\n", encoding="utf-8")
    (tmp_path / "network.toml").write_text(toml, encoding="utf-8")
    return tmp_path


def test_goals_are_read(tmp_path):
    network = read(folder(tmp_path, GOOD))
    assert network.goals == ({"id": "a", "rule": "rotation", "share": 0.1},)


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        (GOOD.replace("rotation", "rotaton"), "there is no rule “rotaton”"),
        (GOOD.replace('"rotation"', "3"), "cannot use “3”"),
        (GOOD.replace('id = "a"\n', ""), "lacks “id”"),
        (GOOD.replace('rule = "rotation"\n', ""), "lacks “rule”"),
        (GOOD.replace("share = 0.1\n", ""), "lacks “share”"),
        (GOOD + "windw = 3\n", "“window”"),
        (GOOD + "qqqqqq = 3\n", "share, form, level, window"),
        (GOOD + GOOD, "two goals have the id “a”"),
        (GOOD.replace("0.1", "10"), "cannot use “10”"),
        (GOOD.replace("0.1", "true"), "cannot use “True”"),
        (GOOD.replace('"a"', "7"), "cannot use “7”"),
        (GOOD + 'window = "12"\n', "cannot use “12”"),
        (GOOD.replace('"rotation"', '"center_sessions"\ndays = 0').replace("share = 0.1\n", ""),
         "cannot use “0”"),
        (GOOD.replace('"rotation"\nshare = 0.1',
                      '"regions_reached"\nlevel = "township"\nundated = 1'), "true / false"),
        ('goal = "all"\n', "goals must be a list of tables"),
    ],
)  # fmt: skip
def test_goals_that_cannot_be_used(tmp_path, capsys, toml, says):
    with pytest.raises(RequestError) as caught:
        read(folder(tmp_path, toml))
    (line,) = caught.value.lines("en")
    assert "network.toml" in line
    assert says in line
    (chinese,) = caught.value.lines("zh")
    assert chinese != line
    assert main(["goals", str(tmp_path), "--lang", "en"]) == 1
    assert says in capsys.readouterr().err
