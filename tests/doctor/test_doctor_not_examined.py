"""Why a cause was not examined is a clause for a reader, and never the name of a class."""

from __future__ import annotations

from diagnostics import causes, elsewhere, probes, report
from diagnostics.doctor import Diagnosis, NotExamined
from diagnostics.engine import Facts, needs, supply


def test_every_fact_that_a_rule_needs_is_gathered_or_said_to_be_asked_elsewhere() -> None:
    given = {p.gives for p in probes.every()}
    for cause in causes.every():
        for need in needs(cause.rule):
            assert need.optional or need.kind in given or "authwizard" in elsewhere.why(need.kind), need
            assert need.kind.__name__ not in elsewhere.why(need.kind)
        said = supply(cause.rule, Facts())
        assert isinstance(said, dict) or not any(n.kind.__name__ in said for n in needs(cause.rule))


def test_causes_that_lack_the_same_are_said_in_one_line() -> None:
    missed = tuple(NotExamined(f"cause-{n}", "there is no gateway") for n in range(40))
    one = Diagnosis("it", "healthy", (), (), (), (*missed, NotExamined("other", "why")), (), 0.0)
    lines = report.text(one).splitlines()
    assert len([line for line in lines if "there is no gateway" in line]) == 1
    assert any("40 causes" in line and "cause-0" in line for line in lines)
    assert any("other: why" in line for line in lines)
