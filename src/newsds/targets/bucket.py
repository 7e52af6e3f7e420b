"""An object store that speaks S3: content under its digest, and then one conditional write of the pointer."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from newsds.depot import POINTER, DepotRelease, ListedFile, Pointer, object_key
from newsds.errors import IntegrityError, OutputError, TargetMovedError, VersionExistsError
from newsds.targets.cargo import Cargo
from newsds.targets.objects import ObjectStore, saying
from newsds.targets.plan import Plan, Progress

__all__ = ["BucketTarget"]

T = TypeVar("T")

_THREADS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class BucketTarget:
    """A prefix of a bucket, laid out as a depot (`newsds.depot`)."""

    bucket: str
    prefix: str = ""

    @property
    def where(self) -> str:
        """The target as people write it."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def plan(self, cargo: Cargo) -> Plan:
        """Compare the release with the pointer, and its files with the objects that are there."""
        with saying(self.where):
            store = ObjectStore.open(self.bucket, self.prefix)
            pointer, etag = self._pointer(store)
            if pointer is not None and self._is_listed(pointer, cargo):
                return Plan(base=etag, revision=_revision(cargo), is_published=True)
            return Plan(base=etag, to_send=self._missing(store, cargo.files))

    def send(self, cargo: Cargo, plan: Plan, progress: Progress) -> str:
        """Send objects, read all of them back, and only then point at them."""
        with saying(self.where):
            store = ObjectStore.open(self.bucket, self.prefix)
            self._send_files(store, cargo, plan, progress)
            inventory = cargo.inventory.to_bytes()
            if store.size(object_key(_revision(cargo))) != len(inventory):
                store.put(object_key(_revision(cargo)), inventory)
            self._read_back(store, cargo, progress)
            self._point(store, cargo, plan.base, len(inventory))
            return _revision(cargo)

    def _pointer(self, store: ObjectStore) -> tuple[Pointer | None, str | None]:
        """Return the pointer and its ETag; None where there is none."""
        found = store.get(POINTER)
        if found is None:
            return None, None
        data, etag = found
        return Pointer.from_bytes(data, where=f"{self.where}/{POINTER}"), etag

    def _is_listed(self, pointer: Pointer, cargo: Cargo) -> bool:
        """Tell whether this very release is published.

        Raises:
            OutputError: the depot holds another dataset.
            VersionExistsError: it holds another release of the version.
        """
        if pointer.name != cargo.name:
            raise OutputError(
                f"{self.where}: holds the dataset {pointer.name}; publish {cargo.name} to a prefix of its own"
            )
        there = pointer.release(cargo.version)
        if there is not None and there.inventory != _revision(cargo):
            raise VersionExistsError(
                f"{self.where}: {cargo.version} is there and is another release; versions are not overwritten, "
                "publish a new one"
            )
        return there is not None

    def _missing(self, store: ObjectStore, files: Sequence[ListedFile]) -> tuple[ListedFile, ...]:
        """Return files without an object of their size; files with the same content are one object."""
        distinct = list({item.sha256: item for item in files}.values())
        sizes = _in_threads(lambda item: store.size(object_key(item.sha256)), distinct)
        return tuple(item for item, size in zip(distinct, sizes, strict=True) if size != item.n_bytes)

    def _send_files(self, store: ObjectStore, cargo: Cargo, plan: Plan, progress: Progress) -> None:
        total = sum(item.n_bytes for item in plan.to_send)
        sent = _in_threads(
            lambda item: store.put_file(object_key(item.sha256), cargo.local(item), item.sha256), plan.to_send
        )
        for item, _ in zip(plan.to_send, sent, strict=True):
            progress("sending", item.n_bytes, total)

    def _read_back(self, store: ObjectStore, cargo: Cargo, progress: Progress) -> None:
        """Fetch every object and hash it: a store may take a wrong checksum for a right one."""
        distinct = list({item.sha256: item for item in cargo.files}.values())
        total = sum(item.n_bytes for item in distinct)
        found = _in_threads(lambda item: store.hash(object_key(item.sha256)), distinct)
        for item, sha256 in zip(distinct, found, strict=True):
            self._compare(item, sha256)
            progress("reading back", item.n_bytes, total)
        if store.hash(object_key(_revision(cargo))) != _revision(cargo):
            raise IntegrityError(f"{self.where}: the inventory is not what was sent", path=POINTER)

    def _compare(self, item: ListedFile, found: str | None) -> None:
        if found == item.sha256:
            return
        state = "missing" if found is None else f"another file (sha256 {found[:12]}…)"
        raise IntegrityError(
            f"{self.where}/{object_key(item.sha256)}: {item.path} is {state}; nothing was published. Delete that object "
            "and run the same command again",
            path=item.path,
            expected=item.sha256,
            found=found,
        )

    def _point(self, store: ObjectStore, cargo: Cargo, etag: str | None, n_bytes: int) -> None:
        """List the release in the pointer, if that is still the one that was read."""
        before, now = self._pointer(store)
        if now != etag:
            self._settle(before, cargo)
            return
        release = DepotRelease(version=cargo.version, inventory=_revision(cargo), n_bytes=n_bytes)
        pointer = before or Pointer(name=cargo.name, releases=())
        after = replace(pointer, releases=(*pointer.releases, release))
        if not store.put_if(POINTER, after.to_bytes(), etag=etag):
            self._settle(self._pointer(store)[0], cargo)

    def _settle(self, pointer: Pointer | None, cargo: Cargo) -> None:
        """Accept that the release is listed although the answer did not say so; else say that others came first."""
        if pointer is not None and self._is_listed(pointer, cargo):
            return
        raise TargetMovedError(
            f"{self.where}: somebody else published while this release was on its way; it is not visible. Run the same "
            "command again: what was sent is kept"
        )


def _revision(cargo: Cargo) -> str:
    """Return the SHA-256 of the inventory."""
    return hashlib.sha256(cargo.inventory.to_bytes()).hexdigest()


def _in_threads(call: Callable[[ListedFile], T], items: Sequence[ListedFile]) -> Iterator[T]:
    """Yield the results of calls in order, several at once; the first that fails stops the rest."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_THREADS) as pool:
        yield from pool.map(call, items)
