from datetime import UTC, datetime

import pytest

from checks.records import complete
from newsds.article import Articles, Rejected, Row
from newsds.checks import validate
from newsds.findings import Finding
from newsds.project import RuleChoices

LOST = Finding(code="NDS001", level="error", message="not JSON", path="a.jsonl", line=2)
BLANK = Finding(code="NDS009", level="info", message="blank line", path="a.jsonl", line=3)


def _found(report: object) -> list[tuple[str, int | None]]:
    return [(finding.code, finding.row) for finding in report.findings]  # type: ignore[attr-defined]


def test_plain_records_are_known_by_their_number() -> None:
    report = validate([complete({}, 0), complete({"body": ""}, 1)])
    assert (report.n_records, _found(report)) == (2, [("NDS301", 1)])


def test_lost_records_count_as_records_and_blank_lines_do_not() -> None:
    row = Row(record=complete({}), path="a.jsonl", line=1)
    for rows in (
        [row, LOST, BLANK],
        Articles(lambda: iter([row, Rejected(finding=LOST), Rejected(finding=BLANK)])),
    ):
        report = validate(rows)
        assert report.n_records == 2
        assert [finding.code for finding in report.findings] == ["NDS001", "NDS009"]


def test_a_finding_about_a_record_that_follows_is_not_a_lost_record() -> None:
    unread = Finding(code="NDS402", level="error", message="no date", path="a.jsonl", line=1)
    assert validate([unread, Row(record=complete({}), path="a.jsonl", line=1)]).n_records == 1


def test_levels_apply_to_what_readers_found() -> None:
    report = validate([LOST], choices=RuleChoices(levels={"NDS001": "warning"}))
    assert report.worst == "warning"


def test_the_day_of_the_dataset_reaches_the_rules() -> None:
    records = [complete({})]
    assert validate(records).worst is None
    assert validate(records, as_of=datetime(2026, 1, 1, tzinfo=UTC)).worst == "error"
    assert validate(records, as_of=datetime(2026, 1, 1)).worst == "error"  # noqa: DTZ001 # on purpose


def test_findings_about_the_set_are_part_of_the_report() -> None:
    assert _found(validate([complete({}), complete({})])) == [("NDS101", 1)]


def test_where_there_is_no_record_nothing_is_good() -> None:
    report = validate([])
    assert (report.n_records, [finding.code for finding in report.findings]) == (0, ["NDS014"])
    assert validate([], choices=RuleChoices(levels={"NDS014": "off"})).worst is None


@pytest.mark.parametrize("n", [999, 1000, 2500])
def test_progress_is_told_in_steps(n: int) -> None:
    steps: list[int] = []
    validate((LOST for _ in range(n)), progress=steps.append)
    assert sum(steps) == n
