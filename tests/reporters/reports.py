"""Reports for the tests of their forms."""

from typing import Any

from hypothesis import strategies as st

from newsds.checks.report import Report
from newsds.checks.tally import Tally
from newsds.findings import Finding
from newsds.project import RuleChoices

NASTY = "a\x1b[31m\x07\r\n::error::x\u202e<b>%0A##[stop]\u2028\x9b`|@user\ufffe]]>&amp;\udc80"


def finding(**values: Any) -> Finding:
    return Finding(**{"code": "NDS301", "level": "error", "message": "the body is empty", **values})


def report_of(*findings: Finding, n_records: int = 1, max_findings: int = 1000, **choices: Any) -> Report:
    tally = Tally(RuleChoices(**choices), max_findings=max_findings)
    tally.n_records = n_records
    tally.add_all(findings)
    return tally.report()


_TEXT = st.one_of(
    st.text(st.characters(), min_size=1, max_size=30),
    st.sampled_from(
        [NASTY, "<script>alert(1)</script>", "::add-mask::x", "a|b", "[x](http://x.example)", " "]
    ),
)
_NUMBER = st.integers(1, 10**6)


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    level = draw(st.sampled_from(["error", "warning", "info"]))
    place: dict[str, Any] = draw(
        st.one_of(
            st.fixed_dictionaries({"path": _TEXT, "line": _NUMBER, "column": st.one_of(st.none(), _NUMBER)}),
            st.fixed_dictionaries({"path": _TEXT, "row": _NUMBER}),
            st.just({}),
        )
    )
    return Finding(
        code=draw(st.sampled_from(["NDS301", "NDS104", "NDS601"])),
        level=level,
        message=draw(_TEXT),
        record_id=draw(st.one_of(st.none(), _TEXT)),
        pointer=draw(st.one_of(st.none(), st.just("/body"), _TEXT)),
        evidence=draw(st.one_of(st.none(), _TEXT)),
        **place,
    )


REPORTS = {
    "empty": report_of(n_records=0),
    "plain": report_of(
        finding(path="a.jsonl", line=3, column=7, pointer="/body", evidence="x", record_id="r", offset=0)
    ),
    "nasty": report_of(
        finding(message=NASTY, path=NASTY, pointer="/" + NASTY, evidence=NASTY, record_id=NASTY)
    ),
    "surrogate": report_of(finding(path="\udc80.jsonl", row=0)),
    "many": report_of(
        *(
            finding(path="a.jsonl", line=line, level=level)
            for line in range(1, 61)
            for level in ("error", "info")
        ),
        max_findings=40,
    ),
}
