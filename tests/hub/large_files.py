"""Where the test Hub keeps large files: LFS objects by their SHA-256, or a local Xet store."""

import hashlib
import struct
import tempfile
from pathlib import Path

#: Flags of a file in a Xet shard, and its unit of length.
VERIFIED, WITH_SHA256, RECORD = 0x80000000, 0x40000000, 48


class LargeFiles:
    """Objects by SHA-256, one file each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def has(self, sha256: str) -> bool:
        return (self.folder / sha256).exists()

    def read(self, sha256: str) -> bytes:
        return (self.folder / sha256).read_bytes()

    def write(self, sha256: str, content: bytes) -> bool:
        """Keep the content if it is what its name says."""
        if hashlib.sha256(content).hexdigest() != sha256:
            return False
        with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as partial:
            partial.write(content)
        Path(partial.name).rename(self.folder / sha256)
        return True


class XetFiles:
    """The files in a local Xet store, which `hf_xet` fills by itself: it is told `local://FOLDER`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._hashes: dict[str, str] = {}
        self._contents: dict[str, bytes] = {}
        self._shards_read: set[Path] = set()

    @property
    def address(self) -> str:
        return f"local://{self.folder}"

    def xet_hash(self, sha256: str) -> str | None:
        """Return the name that Xet has for the content with a SHA-256; None if it is not there."""
        if sha256 not in self._hashes:
            for shard in set(self.folder.glob("xet/xorbs/shards/*.mdb")) - self._shards_read:
                self._hashes.update(read_shard(shard.read_bytes()))
                self._shards_read.add(shard)
        return self._hashes.get(sha256)

    def read(self, sha256: str, size: int) -> bytes:
        """Return the content that chunks in the store make up."""
        if sha256 not in self._contents:
            self._contents[sha256] = self._rebuild(sha256, size)
        return self._contents[sha256]

    def _rebuild(self, sha256: str, size: int) -> bytes:
        import hf_xet

        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder, "content")
            with hf_xet.XetSession().new_file_download_group(endpoint=self.address) as group:
                group.start_download_file(hf_xet.XetFileInfo(self._hashes[sha256], size), str(target))
            return target.read_bytes()


def read_shard(data: bytes) -> dict[str, str]:
    """Return SHA-256 to Xet hash of the files in a shard: records of 48 bytes after a header of 48."""
    found: dict[str, str] = {}
    at = RECORD
    while data[at : at + 32] != b"\xff" * 32:
        name = words(data[at : at + 32])
        flags, n_segments = struct.unpack("<II", data[at + 32 : at + 40])
        at += RECORD * (1 + n_segments * (2 if flags & VERIFIED else 1))
        if flags & WITH_SHA256:
            found[words(data[at : at + 32])] = name
            at += RECORD
    return found


def words(digest: bytes) -> str:
    """Return a hash as Xet writes it: four little-endian words."""
    return "".join(f"{word:016x}" for word in struct.unpack("<4Q", digest))
