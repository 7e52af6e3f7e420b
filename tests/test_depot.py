import json

import pytest

from newsds.depot import DepotRelease, Inventory, ListedFile, Pointer, object_key
from newsds.errors import ReleaseError

DIGEST = "9f" + "0" * 62


def inventory(*paths: str) -> Inventory:
    files = tuple(ListedFile(path=path, n_bytes=3, sha256=DIGEST) for path in paths)
    return Inventory(name="harbour", version="1.2.0", files=files)


def test_content_lies_under_its_digest() -> None:
    assert object_key(DIGEST) == f"objects/9f/{DIGEST}"


def test_an_inventory_is_the_same_bytes_whatever_the_order() -> None:
    assert inventory("b", "data/a").to_bytes() == inventory("data/a", "b").to_bytes()
    assert Inventory.from_bytes(inventory("a", "b").to_bytes(), where="x") == inventory("a", "b")


def test_a_pointer_lists_versions_in_their_order() -> None:
    releases = tuple(DepotRelease(version=text, inventory=DIGEST, n_bytes=1) for text in ("1.10.0", "1.9.0"))
    read = Pointer.from_bytes(Pointer(name="harbour", releases=releases).to_bytes(), where="x")
    assert [item.version for item in read.releases] == ["1.9.0", "1.10.0"]
    assert read.release("1.9.0") == releases[1]
    assert read.release("2.0.0") is None


@pytest.mark.parametrize("path", ["../a", "/a", "a/../b", "a//b", "", "a\\b", "c:a", "./a", "a\0b"])
def test_a_path_out_of_the_release_is_refused(path: str) -> None:
    with pytest.raises(ReleaseError, match="leads out"):
        Inventory.from_bytes(inventory(path).to_bytes(), where="x")


def test_a_file_listed_twice_is_refused() -> None:
    with pytest.raises(ReleaseError, match="twice"):
        Inventory.from_bytes(inventory("a/B", "a/b").to_bytes(), where="x")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"depot_version": "2.0.0"}, "pip install -U newsds"),
        ({"depot_version": 1}, "not a string"),
        ({"releases": {}}, "list of objects"),
        ({"releases": [{"version": "one", "inventory": DIGEST, "n_bytes": 1}]}, "not of the form"),
        ({"releases": [{"version": "1.0.0", "inventory": "../x", "n_bytes": 1}]}, "no SHA-256"),
        ({"releases": [{"version": "1.0.0", "inventory": DIGEST, "n_bytes": -1}]}, "not a size"),
        ({"releases": [{"version": "1.0.0", "inventory": DIGEST, "n_bytes": 1}] * 2}, "version twice"),
    ],
)
def test_a_pointer_that_is_none_is_refused(change: dict[str, object], message: str) -> None:
    data = {"depot_version": "1.0.0", "name": "harbour", "releases": [], **change}
    with pytest.raises(ReleaseError, match=message):
        Pointer.from_bytes(json.dumps(data).encode(), where="x")


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_not_a_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(ReleaseError, match="x: "):
        Pointer.from_bytes(data, where="x")


def test_members_of_a_later_minor_layout_are_left_aside() -> None:
    data = {"depot_version": "1.7.0", "name": "harbour", "releases": [], "news": 1}
    assert Pointer.from_bytes(json.dumps(data).encode(), where="x").releases == ()
