"""The sheet of the seven resource indicators (优质均衡七项指标): read, and told of."""

from datetime import date

import pandas as pd

import liantu
from liantu.cli import main
from liantu.graph.indicators import indicator_values
from liantu.loaders import read
from liantu.vocabulary import terms

DAY = date(2025, 6, 30)
KEY = "backbone_per_100"


def value(net, school, key, section=None):
    found = indicator_values(net, DAY, section).loc[school, key]
    return None if pd.isna(found) else found


SHEET = (
    "学校名称,学段,学年,每百名学生拥有高于规定学历教师数（人）,骨干教师数,"
    "生均教学仪器设备值（万元）,每百名学生拥有网络多媒体教室数(间)\n"
    "甲,小学,2024,4.5,1.4,0.2,-3\n乙,九年一贯制,2024,450,1.2,0.2,3\n丙,初中,2024,4.5,1.3,,3\n"
)


def test_a_wide_sheet_is_read_and_told_of(folder):
    net = read(folder({"优质均衡七项指标": SHEET}), create_missing=True)
    assert value(net, "甲", "above_degree_per_100") == 4.5
    assert value(net, "甲", "above_degree_per_100", "junior") is None
    assert value(net, "乙", KEY, "junior") == 1.2
    assert value(net, "丙", "multimedia_per_100", "junior") == 3
    assert value(net, "甲", "multimedia_per_100") is None
    assert value(net, "甲", "equipment_per_pupil") is None
    told = {problem.code: problem.line("zh") for problem in net.report.of("warning")}
    assert set(told) == {
        "indicator_taken", "indicator_unit", "indicator_below", "indicator_scale",
    }  # fmt: skip
    assert "“万元”" in told["indicator_unit"]
    assert "元/生" in told["indicator_unit"]
    assert "2 行" in told["indicator_unit"]
    assert "450" in told["indicator_scale"]
    assert "第 3 行" in told["indicator_scale"]


def test_pupils_of_sections_are_kept_apart(folder):
    """A nine-year school has a row a section; a primary school has one, and that is all of it."""
    sheet = (
        "学校,学段,年份,在校生数,生均教学仪器设备值\n"
        "甲,小学,2024,166,2000\n甲,初中,2024,210,2600\n乙,小学,2024,90,2100\n"
    )
    schools = "学校名称,学段,在校生数,所在地区\n甲,九年一贯制,376,县\n乙,小学,90,县\n"
    net = read(folder({"优质均衡七项指标": sheet, "学校": schools}))
    found = net.observations
    pupils = found[found["measure"].str.startswith("pupils")]
    assert pupils.set_index(["id", "measure"])["value"].to_dict() == {
        ("甲", "pupils@primary"): 166, ("甲", "pupils@junior"): 210, ("乙", "pupils"): 90,
    }  # fmt: skip
    rows = liantu.equity(net).table.set_index(["stage", "indicator"])
    assert rows.loc[("primary", "equipment_per_pupil"), "pupils"] == 256
    assert rows.loc[("junior", "equipment_per_pupil"), "pupils"] == 210


def test_a_sheet_in_order_is_not_warned_of(folder, capsys):
    head = "学校名称,学年," + ",".join(t.zh for t in terms("indicator").values())
    rows = "\n甲,2024,4.2,1,0.9,4.5,7.5,2000,2.3\n"
    source = folder({"七项指标": head + rows, "学校": "学校名称\n甲\n"})
    assert main(["--lang", "zh", "check", str(source)]) == 0
    assert "0 个错误，0 个警告" in capsys.readouterr().out
    assert indicator_values(read(source), DAY).loc["甲"].tolist() == [
        4.2, 1.0, 0.9, 4.5, 7.5, 2000.0, 2.3,
    ]  # fmt: skip
