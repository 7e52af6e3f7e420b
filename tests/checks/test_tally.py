from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsds.checks.tally import Tally
from newsds.errors import UsageError
from newsds.findings import Finding
from newsds.project import RuleChoices, Waiver


def _finding(code: str = "NDS301", **values: Any) -> Finding:
    return Finding(**{"code": code, "level": "error", "message": "m", "path": "a.jsonl", "line": 1, **values})


def _counts(tally: Tally) -> dict[str, int]:
    return {count.code: count.n for count in tally.report().counts}


def _waived(tally: Tally) -> list[tuple[str, int]]:
    return [(waived.reason, waived.n) for waived in tally.report().waived]


def test_a_level_is_changed() -> None:
    tally = Tally(RuleChoices(levels={"NDS301": "info"}))
    judged = tally.add(_finding())
    assert judged is not None
    assert judged.level == tally.report().worst == "info"


def test_a_rule_that_is_off_leaves_no_trace() -> None:
    tally = Tally(RuleChoices(levels={"NDS301": "off"}))
    assert tally.add(_finding()) is None
    assert (_counts(tally), _waived(tally)) == ({}, [])


@pytest.mark.parametrize(
    ("waiver", "is_waived"),
    [
        ({}, True),
        ({"path": "a.*"}, True),
        ({"path": "b.*"}, False),
        ({"path": "A.*"}, False),
        ({"record_id": "r"}, True),
        ({"record_id": "s"}, False),
        ({"path": "a.*", "record_id": "s"}, False),
        ({"expires": "2026-03-04"}, True),
        ({"expires": "2026-03-03"}, False),
    ],
    ids=str,
)
def test_a_waiver_holds_for_what_it_names(waiver: dict[str, str], *, is_waived: bool) -> None:
    choices = RuleChoices(waivers=(Waiver(rule="NDS301", reason="known", **waiver),))
    tally = Tally(choices, as_of=datetime(2026, 3, 4, 23, tzinfo=UTC))
    assert (tally.add(_finding(record_id="r")) is None) == is_waived
    assert tally.add(_finding("NDS302")) is not None
    is_over = waiver.get("expires") == "2026-03-03"
    reason = "known (expired on 2026-03-03: its findings count again)" if is_over else "known"
    assert _waived(tally) == [(reason, int(is_waived))]
    assert _counts(tally) == {"NDS302": 1} | ({} if is_waived else {"NDS301": 1})


def test_without_a_day_a_waiver_does_not_expire() -> None:
    tally = Tally(RuleChoices(waivers=(Waiver(rule="NDS301", reason="known", expires="1999-01-01"),)))
    assert tally.add(_finding()) is None


def test_a_day_without_a_zone_is_taken_for_utc() -> None:
    choices = RuleChoices(waivers=(Waiver(rule="NDS301", reason="known", expires="2026-03-04"),))
    assert Tally(choices, as_of=datetime(2026, 3, 4, 23, 59)).add(_finding()) is None  # noqa: DTZ001 # on purpose


@pytest.mark.parametrize(("n", "is_excused"), [(2, True), (3, False)])
def test_a_budget_is_a_share_of_the_records(n: int, *, is_excused: bool) -> None:
    tally = Tally(RuleChoices(max_rates={"NDS314": 0.2}))
    tally.n_records = 10
    for line in range(n):
        # Two findings of one record use up one part of the budget.
        tally.add_all(
            [
                _finding("NDS314", line=line, pointer="/body"),
                _finding("NDS314", line=line, pointer="/summary"),
            ]
        )
    assert (tally.excused() == {"NDS314"}) == is_excused
    assert _counts(tally) == ({} if is_excused else {"NDS314": 2 * n})
    assert tally.report().n_findings == len(tally.report().findings) == (0 if is_excused else 2 * n)
    if is_excused:
        assert _waived(tally) == [("within its budget: 2 of 10 records, max_rate 0.2", 4)]


def test_the_listing_is_capped_and_the_count_is_exact() -> None:
    tally = Tally(RuleChoices(), max_findings=3)
    tally.add_all(_finding("NDS314", level="warning", line=line) for line in range(1, 1001))
    tally.add_all(_finding("NDS301", line=line) for line in (900, 800))
    report = tally.report()
    assert (report.n_findings, report.n_omitted, _counts(tally)) == (1002, 999, {"NDS301": 2, "NDS314": 1000})
    assert [(item.code, item.line) for item in report.findings] == [
        ("NDS314", 1),
        ("NDS301", 800),
        ("NDS301", 900),
    ]


@given(st.permutations(range(12)), st.integers(0, 12))
def test_the_report_does_not_depend_on_the_order_of_the_findings(order: list[int], cap: int) -> None:
    findings = [
        _finding(f"NDS30{n % 2 + 1}", level=("error", "info")[n % 2], line=n // 3 + 1, pointer=f"/{n}")
        for n in range(12)
    ]
    straight, shuffled = Tally(RuleChoices(), max_findings=cap), Tally(RuleChoices(), max_findings=cap)
    straight.add_all(findings)
    shuffled.add_all(findings[n] for n in order)
    assert shuffled.report() == straight.report()


@pytest.mark.parametrize(
    "choices",
    [
        {"levels": {"NDS999": "off"}},
        {"levels": {"NDS301": "fatal"}},
        {"max_rates": {"NDS999": 1}},
        {"waivers": (Waiver(rule="NDS999", reason="r"),)},
    ],
    ids=str,
)
def test_choices_that_name_nothing_are_refused(choices: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"no rule|no level"):
        Tally(RuleChoices(**choices))
