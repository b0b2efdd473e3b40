"""Whatever the style of a bureau: no tie is silently lost, undated or added."""

import os

import pytest
from loaders.bureau_style import ties_of, write

from liantu.loaders import examine

SEEDS = range(600 if os.environ.get("LIANTU_LONG") else 25)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_network_in_the_style_of_a_bureau_loads_back(tmp_path, seed):
    expected = write(tmp_path, seed)
    network, report = examine(tmp_path)
    assert network is not None, [problem.line() for problem in report.of("error")]
    assert ties_of(network) == expected, [problem.line() for problem in report.of("warning")]
