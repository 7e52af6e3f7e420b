"""Releases elsewhere: which version is meant, and its files in the cache."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from newsds.errors import (
    IntegrityError,
    NotCachedError,
    OutputError,
    ReleaseNotFoundError,
    VersionNotFoundError,
)
from newsds.loader.address import Address
from newsds.loader.bucket import BucketPlace
from newsds.loader.cache import Cache, Pin
from newsds.loader.hub import HubStore
from newsds.loader.manifests import MAX_MANIFEST_BYTES, check_sums, check_unlisted, parse_manifest, parse_sums
from newsds.loader.signatures import unsigned
from newsds.loader.store import FileStore, Place, Store
from newsds.loader.web import WebPlace
from newsds.release.attestation import SIGNATURE
from newsds.release.manifest import MANIFEST, SUMS, Manifest, Shard
from newsds.semver import Version, newest

__all__ = ["RemoteFiles", "RemoteRelease", "find_remote"]

#: Files that are fetched at once.
_FETCHERS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteRelease:
    """A release elsewhere; `place` is None where there is no network."""

    pin: Pin
    manifest: Manifest
    place: Place | None

    def signature(self, cache: Cache) -> bytes:
        """Return the signature, which is remembered.

        Raises:
            IntegrityError: the release is not signed.
            NotCachedError: there is no network, and it was not asked for before.
        """
        if self.pin.signature is not None:
            return self.pin.signature.encode()
        if self.place is None:
            raise _not_cached(self.manifest, (SIGNATURE,))
        try:
            data = self.place.read(SIGNATURE, limit=MAX_MANIFEST_BYTES)
        except ReleaseNotFoundError:
            raise unsigned() from None
        cache.pin(replace(self.pin, signature=data.decode(errors="replace")))
        return data


def find_remote(
    address: Address, *, cache: Cache, environment: Mapping[str, str], is_offline: bool
) -> RemoteRelease:
    """Return the release an address means; one that was loaded before is not asked for again if it is pinned.

    Raises:
        ReleaseNotFoundError, VersionNotFoundError: there is none.
        NotCachedError: there is no network, and it was not loaded before.
        IntegrityError: the place now has another release under a version that was loaded before.
    """
    key = address.key(environment)
    pins = {Version.parse(pin.version): pin for pin in cache.pins(key)}
    exact = address.wanted.exact if address.wanted else None
    if is_offline:
        return _pinned(_offline_pin(address, pins), None)
    store = _store(address, environment)
    if exact in pins:
        return _pinned(pins[exact], store)
    return _fetch_release(address, store, key, pins, cache)


def _store(address: Address, environment: Mapping[str, str]) -> Store:
    match address.kind:
        case "hub":
            return HubStore.of(address.root, environment)
        case "s3":
            return FileStore(root=BucketPlace.of(address.root, environment))
    return FileStore(root=WebPlace(url=address.root))


def _pinned(pin: Pin, store: Store | None) -> RemoteRelease:
    manifest = parse_manifest(pin.manifest.encode(), where=f"{pin.place}@{pin.version}")
    return RemoteRelease(pin=pin, manifest=manifest, place=store.at(pin.revision) if store else None)


def _offline_pin(address: Address, pins: Mapping[Version, Pin]) -> Pin:
    """Return the release that was loaded before: the very version, or the newest in the range.

    Raises:
        NotCachedError: there is none, or it is left open which.
    """
    there = f"in the cache: {', '.join(map(str, sorted(pins)))}" if pins else "none is in the cache"
    if address.wanted is None:
        raise NotCachedError(f"{address}: offline, and no version was asked for; {there}")
    version = newest(pins, address.wanted)
    if version is None:
        raise NotCachedError(f"{address}: offline, and {address.wanted.text} was not loaded before; {there}")
    return pins[version]


def _fetch_release(
    address: Address, store: Store, key: str, pins: Mapping[Version, Pin], cache: Cache
) -> RemoteRelease:
    """Read the manifest of the wanted version, and remember it."""
    revision, place, data = _find_manifest(address, store)
    manifest = parse_manifest(data, where=f"{address}: {MANIFEST}")
    if address.wanted is not None and Version.parse(manifest.version) not in address.wanted:
        raise _no_version(address, (manifest.version,))
    _check_remote_sums(place, manifest, data)
    check_unlisted(place.data_paths(), manifest)
    pin = Pin(place=key, version=manifest.version, revision=revision, manifest=data.decode())
    before = pins.get(Version.parse(manifest.version))
    if before is not None and before.manifest != pin.manifest:
        raise IntegrityError(
            f"{address}: {manifest.version} is not the release of that version which was loaded before; ask its "
            f"publisher, or forget the old one: newsds cache clean {address}@{manifest.version}",
            path=MANIFEST, expected=_digest(before.manifest), found=_digest(pin.manifest),
        )  # fmt: skip
    if before is None:
        cache.pin(pin)
    return RemoteRelease(pin=before or pin, manifest=manifest, place=place)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _find_manifest(address: Address, store: Store) -> tuple[str, Place, bytes]:
    """Return what a store calls the wanted version, its place, and the bytes of its manifest.

    Raises:
        VersionNotFoundError: it is not there.
        ReleaseNotFoundError: nothing is.
    """
    versions = store.versions()
    if versions is None:
        return _probe(address, store)
    if not versions:
        raise ReleaseNotFoundError(f"{address}: no release there")
    version = newest(versions, address.wanted)
    if version is None:
        raise _no_version(address, tuple(str(item) for item in sorted(versions)))
    place = store.at(versions[version])
    return versions[version], place, place.read(MANIFEST, limit=MAX_MANIFEST_BYTES)


def _probe(address: Address, store: Store) -> tuple[str, Place, bytes]:
    """Find a release where nothing lists them: in the folder itself, or in the one named by the wanted version."""
    exact = address.wanted.exact if address.wanted else None
    for revision in ("", str(exact)) if exact else ("",):
        place = store.at(revision)
        with suppress(ReleaseNotFoundError):
            return revision, place, place.read(MANIFEST, limit=MAX_MANIFEST_BYTES)
    raise ReleaseNotFoundError(f"{address}: no release there (no {MANIFEST})")


def _no_version(address: Address, available: tuple[str, ...]) -> VersionNotFoundError:
    text = address.wanted.text if address.wanted else ""
    return VersionNotFoundError(
        f"{address}: no release {text}; there are {', '.join(available)}", wanted=text, available=available
    )


def _check_remote_sums(place: Place, manifest: Manifest, data: bytes) -> None:
    try:
        sums = place.read(SUMS, limit=MAX_MANIFEST_BYTES)
    except ReleaseNotFoundError:
        return
    check_sums(parse_sums(sums), manifest, hashlib.sha256(data).hexdigest())


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteFiles:
    """The shards of a release elsewhere, which are fetched into the cache."""

    release: RemoteRelease
    cache: Cache
    #: `full`, `manifest` or `off`; what comes into the cache is verified whatever it says.
    verify: str
    #: Shards may leave the cache once they were read; unless they are verified in full, only what is read is fetched.
    streaming: bool = False

    def check(self, shards: Iterable[Shard]) -> None:
        """Refuse shards that cannot be had: offline and not cached, or more than the cache holds at once.

        Raises:
            NotCachedError, OutputError: as said.
        """
        wanted = list(shards)
        if self.release.place is None:
            self._check_cached(wanted)
        n_bytes = sum(shard.n_bytes for shard in wanted)
        if not self.streaming and n_bytes > self.cache.max_bytes:
            raise OutputError(
                f"{n_bytes:,} bytes are to be fetched, the cache holds {self.cache.max_bytes:,}: "
                "set NEWSDS_CACHE_MAX_BYTES, choose a split, or load with streaming=True"
            )

    def fetch(self, shards: Iterable[Shard], progress: Callable[[int], object] | None) -> None:
        """Have shards in the cache, several at a time; unless they are streamed.

        Raises:
            IntegrityError, RemoteError, OutputError: as for `obtain`.
        """
        wanted = [] if self.streaming else list(shards)
        with ThreadPoolExecutor(_FETCHERS) as pool:
            try:
                for shard, _ in zip(wanted, pool.map(self.obtain, wanted), strict=True):
                    if progress is not None:
                        progress(shard.n_bytes)
            finally:
                pool.shutdown(cancel_futures=True)

    def obtain(self, shard: Shard) -> Path:
        """Return the path of a shard in the cache, where it stays until the process ends.

        Raises:
            NotCachedError: there is no network, and it is not there.
            IntegrityError: what came is not what the manifest says.
            RemoteError: it cannot be fetched.
            OutputError: the cache cannot be written.
        """
        self.cache.lease(shard.sha256)
        return self._obtain(shard)

    def prepare(self, shard: Shard) -> None:
        """Fetch a shard before its turn comes; unless it is to be read in parts."""
        if not self._in_parts and 2 * shard.n_bytes <= self.cache.max_bytes:
            self._obtain(shard)

    @property
    def _in_parts(self) -> bool:
        return self.streaming and self.verify != "full" and self.release.place is not None

    @contextmanager
    def reading(self, shard: Shard) -> Iterator[Path | BinaryIO]:
        """Give a shard to read; when it is streamed, it may leave the cache afterwards.

        Raises:
            NotCachedError, IntegrityError, RemoteError, OutputError: as for `obtain`.
        """
        place = self.release.place
        if self._in_parts and place is not None:
            with place.open(shard.path, n_bytes=shard.n_bytes) as stream:
                yield stream
            return
        path = self.obtain(shard)
        try:
            yield path
        finally:
            if self.streaming:
                self.cache.release(shard.sha256)

    def _obtain(self, shard: Shard) -> Path:
        if found := self.cache.find(shard.sha256, shard.n_bytes):
            return found
        place = self.release.place
        if place is None:
            raise _not_cached(self.release.manifest, (shard.path,))
        return self.cache.add(
            shard.sha256, shard.n_bytes,
            lambda target: place.download(shard.path, target, n_bytes=shard.n_bytes), name=shard.path,
        )  # fmt: skip

    def _check_cached(self, shards: Iterable[Shard]) -> None:
        missing = tuple(shard.path for shard in shards if not self.cache.find(shard.sha256, shard.n_bytes))
        if missing:
            raise _not_cached(self.release.manifest, missing)


def _not_cached(manifest: Manifest, missing: tuple[str, ...]) -> NotCachedError:
    more = f" and {len(missing) - 1} more files" if len(missing) > 1 else ""
    return NotCachedError(
        f"{manifest.name} {manifest.version}: offline, and {missing[0]}{more} not in the cache",
        missing=missing,
    )
