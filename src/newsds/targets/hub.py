"""The Hugging Face Hub: files sent ahead, one commit on the expected parent, and then the tag."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsds.depot import ListedFile
from newsds.errors import (
    IntegrityError,
    OutputError,
    TargetMovedError,
    UsageError,
    VersionExistsError,
)
from newsds.release.manifest import MANIFEST
from newsds.semver import Version
from newsds.targets.cargo import Cargo
from newsds.targets.hub_client import hash_file, hub_api, quiet_client, read_file, xet_where_there_is
from newsds.targets.hub_errors import patiently, saying, status_of
from newsds.targets.plan import Plan, Progress
from newsds.targets.viewer import check_viewer

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, HfApi

__all__ = ["HubTarget"]

#: Files that the Hub keeps beside those of a release.
_OWN = frozenset({".gitattributes"})

#: Files and bytes that are sent ahead together; after each such batch a stopped call need not begin again.
_BATCH_FILES, _BATCH_BYTES = 100, 2**30

_THREADS = 8

#: How many bytes of a commit's name are shown.
_SHORT = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """What a commit holds: path to what tells its content (SHA-256 of an LFS object, else git's name) and size."""

    commit: str
    files: Mapping[str, tuple[str, int]]

    def holds(self, cargo: Cargo, item: ListedFile) -> bool:
        """Tell whether a file of the release is there, byte for byte."""
        name, size = self.files.get(item.path, ("", -1))
        return size == item.n_bytes and (
            name == item.sha256 or (len(name) == 40 and name == _git_name(cargo, item))
        )

    def is_all_of(self, cargo: Cargo) -> bool:
        """Tell whether this is the release and nothing else."""
        return self.strays(cargo) == () and all(self.holds(cargo, item) for item in cargo.files)

    def strays(self, cargo: Cargo) -> tuple[str, ...]:
        """Return the files that the release does not have."""
        return tuple(sorted(self.files.keys() - _OWN - {item.path for item in cargo.files}))


@dataclass(frozen=True, kw_only=True, slots=True)
class HubTarget:
    """A dataset repository."""

    repository: str
    #: Of a repository that has to be made.
    private: bool | None = None

    @property
    def where(self) -> str:
        """The target as people write it."""
        return f"hf://datasets/{self.repository}"

    def plan(self, cargo: Cargo) -> Plan:
        """Compare the release with the head of `main` and with the tag of its version."""
        with saying(self.where):
            api = hub_api()
            check_viewer(cargo)
            branches, tags = self._references(api)
            if cargo.tag in tags:
                return self._tagged(api, cargo, tags[cargo.tag])
            if "main" not in branches:
                return Plan(to_send=cargo.files)
            head = self._snapshot(api, branches["main"])
            if head.is_all_of(cargo):
                return Plan(base=head.commit, revision=head.commit)
            self._check_head(api, cargo, head)
            to_send = tuple(item for item in cargo.files if not head.holds(cargo, item))
            return Plan(to_send=to_send, to_remove=head.strays(cargo), base=head.commit)

    def send(self, cargo: Cargo, plan: Plan, progress: Progress) -> str:
        """Send files ahead, commit all at once, read back at the commit, and tag it."""
        with saying(self.where), quiet_client():
            api = hub_api()
            commit = plan.revision or self._commit(api, cargo, plan, progress)
            self._read_back(api, cargo, commit, progress)
            self._tag(api, cargo, commit)
            return commit

    def _references(self, api: "HfApi") -> tuple[dict[str, str], dict[str, str]]:
        """Return branches and tags, each name to commit; none where there is no repository."""
        from huggingface_hub.errors import RepositoryNotFoundError

        try:
            refs = patiently(lambda: api.list_repo_refs(self.repository, repo_type="dataset"))
        except RepositoryNotFoundError as error:
            if status_of(error) == 404:
                return {}, {}
            raise
        return (
            {item.name: item.target_commit for item in refs.branches},
            {item.name: item.target_commit for item in refs.tags},
        )

    def _snapshot(self, api: "HfApi", commit: str) -> Snapshot:
        from huggingface_hub.hf_api import RepoFile

        def read() -> dict[str, tuple[str, int]]:
            tree = api.list_repo_tree(self.repository, repo_type="dataset", revision=commit, recursive=True)
            return {
                item.path: (item.lfs.sha256 if item.lfs else item.blob_id, item.size)
                for item in tree
                if isinstance(item, RepoFile)
            }

        return Snapshot(commit=commit, files=patiently(read))

    def _tagged(self, api: "HfApi", cargo: Cargo, commit: str) -> Plan:
        """Refuse to publish a version anew, unless it is the very same release."""
        if self._snapshot(api, commit).is_all_of(cargo):
            return Plan(base=commit, revision=commit, is_published=True)
        raise VersionExistsError(
            f"{self.where}: {cargo.tag} is there and holds another release; versions are not overwritten, publish a "
            "new one"
        )

    def _check_head(self, api: "HfApi", cargo: Cargo, head: Snapshot) -> None:
        """Refuse to replace another dataset, or a later version, or to trust a list of files to leave out."""
        if ".gitignore" in head.files:
            raise OutputError(
                f"{self.where}: has a .gitignore, by which the Hub leaves files out of a commit; remove it there first"
            )
        if MANIFEST not in head.files:
            return
        import orjson

        try:
            there = orjson.loads(read_file(api, self.repository, MANIFEST, head.commit))
            name, version = str(there["name"]), Version.parse(str(there["version"]))
        except (ValueError, TypeError, KeyError, UsageError):
            return
        if name != cargo.name:
            raise OutputError(
                f"{self.where}: holds the dataset {name}; publish {cargo.name} to a repository of its own"
            )
        if version > Version.parse(cargo.version):
            raise OutputError(
                f"{self.where}: main holds {version}, and {cargo.version} would take its readers back; publish a later "
                "version"
            )

    def _commit(self, api: "HfApi", cargo: Cargo, plan: Plan, progress: Progress) -> str:
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        base = plan.base or self._make_repository(api)
        additions = [CommitOperationAdd(item.path, str(cargo.local(item))) for item in plan.to_send]
        with xet_where_there_is(api, self.repository):
            self._send_ahead(api, additions, progress)
            self._check_unchanged(plan.to_send, additions)
            removals = [CommitOperationDelete(path) for path in plan.to_remove]
            try:
                made = patiently(
                    lambda: api.create_commit(
                        self.repository,
                        [*removals, *additions],
                        repo_type="dataset",
                        revision="main",
                        parent_commit=base,
                        commit_message=f"{cargo.name} {cargo.version}",
                        commit_description=f"newsds release digest {cargo.digest}",
                    )
                )
            except Exception as error:  # noqa: BLE001 # whatever it was, the commit may have come about
                return self._after_refusal(api, cargo, base, error)
            return made.oid

    def _make_repository(self, api: "HfApi") -> str:
        patiently(
            lambda: api.create_repo(self.repository, repo_type="dataset", private=self.private, exist_ok=True)
        )
        branches, _ = self._references(api)
        return branches["main"]

    def _send_ahead(
        self, api: "HfApi", additions: Sequence["CommitOperationAdd"], progress: Progress
    ) -> None:
        """Send what is too large for a commit's request, in batches; what the Hub has is not sent."""
        total = sum(item.upload_info.size for item in additions)
        for batch in _batches(additions):
            api.preupload_lfs_files(
                self.repository,
                batch,
                repo_type="dataset",
                revision="main",
                num_threads=_THREADS,
                free_memory=False,
            )
            progress("sending", sum(item.upload_info.size for item in batch), total)

    def _check_unchanged(
        self, items: Sequence[ListedFile], additions: Sequence["CommitOperationAdd"]
    ) -> None:
        """Refuse to commit a file that is not the verified one any more; the client has hashed what it sent."""
        for item, addition in zip(items, additions, strict=True):
            found = addition.upload_info.sha256.hex()
            if found != item.sha256:
                raise IntegrityError(
                    f"{item.path}: changed while it was sent (sha256 {found[:12]}…, verified {item.sha256[:12]}…); "
                    "nothing was published",
                    path=item.path,
                    expected=item.sha256,
                    found=found,
                )

    def _after_refusal(self, api: "HfApi", cargo: Cargo, base: str, error: Exception) -> str:
        """Return the commit that came about although the answer did not say so; else say who came first."""
        branches, _ = self._references(api)
        head = branches["main"]
        if head == base:
            raise error
        if self._snapshot(api, head).is_all_of(cargo):
            return head
        raise TargetMovedError(
            f"{self.where}: main moved from {base[:_SHORT]} to {head[:_SHORT]} while this release was on its way; "
            "nothing of it is visible. Look at what came first, then run the same command again"
        ) from None

    def _read_back(self, api: "HfApi", cargo: Cargo, commit: str, progress: Progress) -> None:
        """Fetch every file at the commit and hash it."""
        from concurrent.futures import ThreadPoolExecutor

        strays = self._snapshot(api, commit).strays(cargo)
        if strays:
            raise IntegrityError(
                f"{self.where}: commit {commit[:_SHORT]} also holds {strays[0]}", path=strays[0]
            )
        with ThreadPoolExecutor(_THREADS) as pool:
            found = pool.map(lambda item: hash_file(api, self.repository, item.path, commit), cargo.files)
            for item, sha256 in zip(cargo.files, found, strict=True):
                self._compare(item, sha256, commit)
                progress("reading back", item.n_bytes, cargo.n_bytes)

    def _compare(self, item: ListedFile, found: str | None, commit: str) -> None:
        if found == item.sha256:
            return
        raise IntegrityError(
            f"{self.where}: {item.path} at {commit[:_SHORT]} is "
            f"{'missing' if found is None else f'another file (sha256 {found[:12]}…, sent {item.sha256[:12]}…)'}; the "
            "version got no tag. Run the same command again; if it says the same, report it to the Hub",
            path=item.path,
            expected=item.sha256,
            found=found,
        )

    def _tag(self, api: "HfApi", cargo: Cargo, commit: str) -> None:
        """Name the commit after the version."""
        message = f"{cargo.name} {cargo.version}"
        try:
            patiently(
                lambda: api.create_tag(
                    self.repository, tag=cargo.tag, tag_message=message, revision=commit, repo_type="dataset"
                )
            )
        except Exception as error:
            if status_of(error) != 409:
                raise
        _, tags = self._references(api)
        if tags.get(cargo.tag) != commit:
            raise TargetMovedError(
                f"{self.where}: {cargo.tag} was made by somebody else at {tags.get(cargo.tag, 'nothing')[:_SHORT]}; the "
                f"release is on main at {commit[:_SHORT]}, without that name"
            )


def _batches(additions: Sequence["CommitOperationAdd"]) -> Iterator[list["CommitOperationAdd"]]:
    """Yield the files in runs of limited number and size."""
    batch: list[CommitOperationAdd] = []
    for item in additions:
        n_bytes = sum(other.upload_info.size for other in batch)
        if batch and (len(batch) == _BATCH_FILES or n_bytes + item.upload_info.size > _BATCH_BYTES):
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


def _git_name(cargo: Cargo, item: ListedFile) -> str:
    """Return the name that git gives to the content of a file."""
    digest = hashlib.sha1(b"blob %d\0" % item.n_bytes, usedforsecurity=False)
    digest.update(cargo.local(item).read_bytes())
    return digest.hexdigest()
