"""The public verbs take what a user has."""

import json
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
    "form", ["str", "path", "list", "articles", "table", "batches", "generator", "records"]
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
            "records": [row.record for row in newsds.read(file).rows()],
        }[form]

    assert newsds.validate(source()).n_records == 3
    assert newsds.fix(source()).to_table().num_rows == 3
    assert newsds.dedupe(source()).summary() == newsds.dedupe(file).summary()
    assert newsds.leak(source(), source()).rate == 1.0
    a, b = newsds.read(file).to_table().column("id").to_pylist()[:2]
    assert {newsds.explain(source(), a, b).a, newsds.explain(source(), a, b).b} == {a, b}


@pytest.mark.parametrize("source", [3, None, {"a": 1}, [3], b"x"])
def test_anything_else_is_a_usage_error_of_one_line(source: object) -> None:
    for verb in (newsds.validate, newsds.dedupe, lambda item: list(newsds.fix(item)), newsds.read):
        with pytest.raises(newsds.UsageError) as caught:
            verb(source)
        assert "\n" not in str(caught.value)


def test_articles_show_what_they_are(file: Path) -> None:
    assert "lambda" not in repr(newsds.read(file))
