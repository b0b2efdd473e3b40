"""Whatever is read – text, values, workbooks, mappings, stores – the contract holds.

A short run by default; ``LIANTU_LONG=1`` (`make test-long`) runs every case.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile import inputs_mappings, inputs_stores, inputs_text, inputs_values, inputs_workbooks
from hostile.cases import Case
from hostile.contract import Runner
from hostile.judge import chosen, judge

CASES = chosen((inputs_text, inputs_values, inputs_workbooks, inputs_mappings, inputs_stores))


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case.name)[1:-1])
def test_whatever_is_read(case: Case, runner: Runner, tmp_path: Path):
    judge(case, runner, tmp_path)
