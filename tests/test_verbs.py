"""The public verbs take what a user has."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import newsds


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "s.jsonl"
    rows = [
        {"headline": f"Ferry {n} is late", "body": f"The ferry number {n} was late again on Monday, its owner said.",
         "language": "en", "url": f"https://a.example/{n}", "published_at": "2026-01-05T08:00:00Z"}
        for n in range(3)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize(
    "form",
    [
        "str",
        "path",
        "list",
        "articles",
        "table",
        "batches",
        "generator",
        "records",
        "record iterator",
        "paths",
    ],
)
def test_every_verb_takes_every_form(file: Path, form: str) -> None:
    def source() -> object:
        table = newsds.read(file).to_table()
        return {
            "str": str(file),
            "path": file,
            "list": [str(file)],
            "articles": newsds.read([file]),
            "table": table,
            "batches": table.to_batches(),
            "generator": iter(table.to_batches()),
            "paths": iter([file]),
            "record iterator": (row.record for row in newsds.read(file).rows()),
            "records": [row.record for row in newsds.read(file).rows()],
        }[form]

    assert newsds.validate(source()).n_records == 3
    assert newsds.fix(source()).to_table().num_rows == 3
    assert newsds.dedupe(source()).summary() == newsds.dedupe(file).summary()
    assert newsds.leak(source(), source()).rate == 1.0
    assert newsds.split(source()).table.num_rows == 3
    a, b = newsds.read(file).to_table().column("id").to_pylist()[:2]
    assert {newsds.explain(source(), a, b).a, newsds.explain(source(), a, b).b} == {a, b}


def test_an_iterator_is_read_as_it_comes(file: Path) -> None:
    (record, *_) = (row.record for row in newsds.read(file).rows())
    taken = 0

    def records() -> Iterator[dict[str, object]]:
        nonlocal taken
        for number in range(50):
            taken = number + 1
            yield record

    stream = newsds.fix(records())
    next(iter(stream.rows()))
    assert taken == 1
    with pytest.raises(newsds.UsageError, match="can be read once"):
        next(iter(stream.rows()))


def test_validate_says_what_it_takes(file: Path) -> None:
    assert newsds.validate(file, max_findings=0).findings == ()
    with pytest.raises(TypeError, match="max_finding"):
        newsds.validate(file, max_finding=0)  # type: ignore[call-arg]


@pytest.mark.parametrize("source", [3, None, {"a": 1}, [3], b"x"])
def test_anything_else_is_a_usage_error_of_one_line(source: object) -> None:
    for verb in (newsds.validate, newsds.dedupe, lambda item: list(newsds.fix(item)), newsds.read):
        with pytest.raises(newsds.UsageError) as caught:
            verb(source)
        assert "\n" not in str(caught.value)


def test_articles_show_what_they_are(file: Path) -> None:
    assert "lambda" not in repr(newsds.read(file))
