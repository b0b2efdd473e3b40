"""Whatever the style of a bureau: no tie is silently lost, undated or added."""

import pytest
from loaders.bureau_style import CORES, COUNTY, RURAL, ties_of, write
from long import examples

from liantu.loaders import examine

SEEDS = range(examples(10, 600))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_network_in_the_style_of_a_bureau_loads_back(tmp_path, seed):
    expected = write(tmp_path, seed)
    network, report = examine(tmp_path)
    if network is not None:
        assert ties_of(network) == expected, [problem.line() for problem in report.of("warning")]
        return
    # Nothing says in which county the schools of a list without a title lie.
    errors = report.of("error")
    assert {problem.code for problem in errors} == {"unknown_end"}, [p.line() for p in errors]
    schools = [name.removeprefix(COUNTY) for name in (*CORES, *RURAL)]
    told = {problem.value.removeprefix(COUNTY).removeprefix("县") for problem in errors}
    assert told <= set(schools)
    assert not any(COUNTY in path.name and "学校" in path.name for path in tmp_path.iterdir())
