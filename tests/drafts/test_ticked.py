"""One draft, ticked by somebody who knows the schools: everything is resolved, nothing is lost."""

import random
from pathlib import Path

import openpyxl
import pytest

from liantu.drafts import draft
from liantu.loaders import read

COUNTY = "云溪县"
TOWNS = ("城关镇", "柳河镇", "青山乡", "白石乡")
SCHOOLS = {
    "101": f"{COUNTY}第一小学",
    "102": f"{COUNTY}实验小学",
    "103": f"{COUNTY}第二中学",
    **{f"2{n}1": f"{town}中心小学" for n, town in enumerate(TOWNS)},
    **{f"3{n}{k}": f"{town}{name}小学" for n, town in enumerate(TOWNS) for k, name in enumerate("王李赵")},
}  # fmt: skip


def written(rng: random.Random, name: str) -> str:
    """Write a name as an office does: whole, shortened, or with a slip of the pen."""
    bare = name.removeprefix(COUNTY)
    ways = [
        name,
        bare,
        bare.replace("第一小学", "一小").replace("实验小学", "实小").replace("第二中学", "二中"),
        bare.replace("中心小学", "中心校"),
        name.replace("小学", "小"),
        name.replace("小学", "小雪"),
        name[:2] + name[3:],
    ]
    return rng.choice(ways)


def office(seed: int, folder: Path) -> tuple[set[tuple[str, str]], dict[str, str]]:
    """Write schools and pairs as an office keeps them; return the pairs, and what names mean."""
    rng = random.Random(seed)
    ids = list(SCHOOLS)
    pairs = {(rng.choice(ids[:3]), rng.choice(ids[3:])) for _ in range(12)}
    meant: dict[str, str] = {}
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "学校基本情况"
    sheet.append([f"{COUNTY}学校基本情况一览表"])
    sheet.append(["学校标识码", "学校名称"])
    for key, name in SCHOOLS.items():
        sheet.append([key, name])
    sheet = book.create_sheet("结对帮扶统计表")
    sheet.append([f"2024年{COUNTY}结对帮扶统计表"])
    sheet.append(["序号", "支援学校", "受援学校", "起止时间"])
    for number, (source, target) in enumerate(sorted(pairs), 1):
        cells = [written(rng, SCHOOLS[key]) for key in (source, target)]
        meant |= dict(zip(cells, (SCHOOLS[source], SCHOOLS[target]), strict=True))
        sheet.append([number, *cells, "2023.9-2026.7"])
    book.save(folder / "台账.xlsx")
    return pairs, meant


@pytest.mark.parametrize("seed", range(8))
def test_a_draft_ticked_by_somebody_who_knows_resolves_everything(tmp_path, seed):
    folder = tmp_path / "lists"
    folder.mkdir()
    pairs, meant = office(seed, folder)
    path = folder / "对照表.xlsx"
    draft(folder, path)
    book = openpyxl.load_workbook(path)
    heads = [cell.value for cell in book["名称"][2]]
    for row in book["名称"].iter_rows(min_row=3):
        cells = dict(zip(heads, (cell.value for cell in row), strict=True))
        right = meant[cells["写法"]]
        assert cells["采用"] in (None, "", right), "a wrong school is filled in"
        row[heads.index("采用")].value = right
    book.save(path)
    network = read(folder)
    rows = network.relation("assists")
    assert set(zip(rows["source"].astype(str), rows["target"].astype(str), strict=True)) == pairs
    assert rows["start"].notna().all()
    assert rows["end"].notna().all()
