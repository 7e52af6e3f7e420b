"""A depot, written as `docs/reference/targets.md` says, from releases in folders."""

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from newsds.depot import POINTER, DepotRelease, Inventory, ListedFile, Pointer, object_key


def fill_depot(releases: Iterable[Path], put: Callable[[str, bytes], object]) -> None:
    """Put the objects of releases, and then the pointer."""
    listed = [_put_release(release, put) for release in releases]
    put(POINTER, Pointer(name="harbour-news", releases=tuple(listed)).to_bytes())


def _put_release(release: Path, put: Callable[[str, bytes], object]) -> DepotRelease:
    version = json.loads((release / "manifest.json").read_text())["version"]
    contents = {
        path.relative_to(release).as_posix(): path.read_bytes()
        for path in sorted(release.rglob("*"))
        if path.is_file()
    }
    files = tuple(
        ListedFile(path=path, n_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
        for path, data in contents.items()
    )
    inventory = Inventory(name="harbour-news", version=version, files=files).to_bytes()
    for data in (*contents.values(), inventory):
        put(object_key(hashlib.sha256(data).hexdigest()), data)
    return DepotRelease(
        version=version, inventory=hashlib.sha256(inventory).hexdigest(), n_bytes=len(inventory)
    )


def put_in(folder: Path) -> Callable[[str, bytes], None]:
    """Return a function that puts objects into a folder."""

    def put(key: str, data: bytes) -> None:
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).write_bytes(data)

    return put
