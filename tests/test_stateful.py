"""A dataset over its life, against a plain model: add, copy, correct, withdraw, build, verify, load, damage."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

import newsds
from newsds.article import article_id
from newsds.errors import IntegrityError, OutputError
from newsds.release.build import build
from newsds.release.verify import verify
from newsds.samples import sample
from newsds.text import count_words, text_digest

WAIVERS = [{"rule": "NDS642", "reason": "withdrawn stories stay, marked"}]


class Dataset(RuleBasedStateMachine):
    """The model is a dict of records; the dataset is a folder that is built again and again."""

    records = Bundle("records")

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.model: dict[str, dict[str, Any]] = {}
        #: Version to the identifiers in it.
        self.released: dict[str, set[str]] = {}
        self.n_drawn = 0
        self.is_built = True

    def _put(self, record: dict[str, Any]) -> str:
        self.model[record["id"]] = record
        self.is_built = False
        return record["id"]

    @rule(target=records)
    def add(self) -> str:
        self.n_drawn += 1
        (record,) = sample(1, seed=self.n_drawn)
        return self._put(record)

    def _revised(self, record: dict[str, Any], body: str, url: str, **fields: Any) -> str:
        derived = {"body": body, "word_count": count_words(body), "text_sha256": text_digest(body)}
        identifier = article_id(url, record["provenance"]["raw_sha256"])
        return self._put({**record, **derived, "url": url, "id": identifier, **fields})

    @rule(target=records, origin=records)
    def copy(self, origin: str) -> str:
        record = self.model[origin]
        return self._revised(record, record["body"], record["url"] + "/copy", publisher={"name": "Carrier"})

    @rule(target=records, origin=records)
    def correct(self, origin: str) -> str:
        record = self.model[origin]
        head, space, tail = record["body"].partition(" - ")
        changed = {"status": "corrected", "supersedes": [origin], "correction_note": "A figure was wrong."}
        return self._revised(record, f"{head}{space}Some {tail}", record["url"] + "/corrected", **changed)

    @rule(origin=records)
    def withdraw(self, origin: str) -> None:
        self._put({**self.model[origin], "status": "withdrawn"})

    @rule(target=records, origin=consumes(records))
    def take_out(self, origin: str) -> Any:
        self.model.pop(origin, None)
        self.is_built = False
        return multiple()

    @precondition(lambda self: self.model and not self.is_built)
    @rule(shuffled=st.randoms(use_true_random=False))
    def release(self, shuffled: Any) -> None:
        version = f"1.{len(self.released)}.0"
        rows = list(self.model.values())
        shuffled.shuffle(rows)
        (self.folder / "articles.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        descriptor = {
            "name": "life", "version": version, "created": "2030-01-01",
            "resources": [{"path": "articles.jsonl"}], "newsds": {"waivers": WAIVERS},
        }  # fmt: skip
        (self.folder / "datapackage.json").write_text(json.dumps(descriptor))
        built = build(self.folder, self.folder / "dist")
        assert built.path is not None, built.report
        self.released[version] = set(self.model)
        self.is_built = True

    @precondition(lambda self: self.released)
    @rule()
    def refuse_a_version_that_is_there(self) -> None:
        with pytest.raises(OutputError):
            build(self.folder, self.folder / "dist")

    @precondition(lambda self: self.released)
    @rule(data=st.data())
    def damage_is_found(self, data: Any) -> None:
        version = data.draw(st.sampled_from(sorted(self.released)))
        hurt = self.folder / "hurt"
        shutil.copytree(self.folder / "dist/life" / version, hurt)
        try:
            path = data.draw(
                st.sampled_from(
                    sorted(item for item in hurt.rglob("*") if item.is_file() and item.stat().st_size)
                )
            )
            content = bytearray(path.read_bytes())
            content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
            path.write_bytes(content)
            with pytest.raises(IntegrityError):
                verify(hurt)
        finally:
            shutil.rmtree(hurt)

    @invariant()
    def every_release_stays_what_it_was(self) -> None:
        for version, identifiers in getattr(self, "released", {}).items():
            path = self.folder / "dist/life" / version
            verify(path)
            table = newsds.load(path, columns=["id"]).to_arrow()
            assert set(table["id"].to_pylist()) == identifiers
            assert len(table) == len(identifiers)

    @precondition(lambda self: getattr(self, "is_built", False) and self.released)
    @invariant()
    def copies_are_clustered_and_never_split(self) -> None:
        path = self.folder / "dist/life" / max(self.released, key=lambda version: int(version.split(".")[1]))
        split_of = {
            identifier: split
            for split in ("train", "validation", "test")
            if any((path / "data/articles").glob(f"{split}-*"))
            for identifier in newsds.load(path, split=split, columns=["id"]).to_arrow()["id"].to_pylist()
        }
        clusters = newsds.load(path, config="clusters").to_arrow().to_pylist()
        assert {row["article_id"] for row in clusters} == set(self.model)
        together: dict[str, set[str]] = {}
        for row in clusters:
            together.setdefault(row["cluster_id"], set()).add(row["article_id"])
        assert all(len({split_of[member] for member in members}) == 1 for members in together.values())
        of = {row["article_id"]: row["cluster_id"] for row in clusters}
        texts: dict[str, set[str]] = {}
        for record in self.model.values():
            texts.setdefault(record["text_sha256"], set()).add(of[record["id"]])
        assert all(len(found) == 1 for found in texts.values())

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)


TestDataset = pytest.mark.slow(Dataset.TestCase)
TestDataset.settings = settings(max_examples=12, stateful_step_count=14, deadline=None)
