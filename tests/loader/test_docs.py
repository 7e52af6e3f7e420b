"""The page on errors names every one."""

from pathlib import Path

from newsds import errors

PAGE = Path(__file__).parents[2] / "docs/reference/errors.md"


def test_every_error_is_in_the_reference_with_its_status_and_attributes():
    text = PAGE.read_text()
    rows = {line.split("`")[1]: line for line in text.splitlines() if line.startswith("| `")}
    assert {*rows, "NewsdsError"} == set(errors.__all__)
    for name, row in rows.items():
        assert f"| {getattr(errors, name).exit_code} |" in row
