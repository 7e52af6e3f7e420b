"""publish(): a release reaches a folder, the Hugging Face Hub or an object store in one visible step."""

from pathlib import Path

from newsds.targets.plan import Progress, Publication

__all__ = ["publish"]


def publish(
    release: str | Path,
    target: str | Path,
    *,
    dry_run: bool = False,
    private: bool | None = None,
    progress: Progress | None = None,
) -> Publication:
    """Publish a release: verify it, send what is not there yet, read it back, make it visible at once.

    Readers of the target see the old release or the new one. A call that was stopped is finished by the same call: what
    the target has is not sent again. Publishing the very same release again does nothing.

    >>> import newsds
    >>> newsds.publish("dist/harbour-news/1.2.0", "hf://datasets/harbour/news")  # doctest: +SKIP

    Credentials come from where the clients of the target look for them: `HF_TOKEN` or `hf auth login` for the Hub, the
    environment, profile or role of AWS for S3.

    Args:
        release: folder of the release, as `newsds build` wrote it.
        target: a folder, `file://`, `hf://datasets/ORG/NAME` or `s3://BUCKET/PREFIX`.
        dry_run: look at the target and return what would be sent, without writing anything.
        private: of a repository on the Hub that has to be made: who can read it; None leaves it to the Hub.
        progress: is called with a step, the bytes done since the last call, and the bytes of the whole step; of
            `verifying`, with files instead, and 0.

    Raises:
        ReleaseNotFoundError: there is no release in the folder.
        IntegrityError: the release is not what its manifest says, or what was read back is not what was sent.
        VersionExistsError: another release was published under this version.
        TargetMovedError: somebody else published in the meantime.
        OutputError: the release does not fit the target, or the target cannot be written.
        RemoteError: the target refused, or failed for longer than is tried.
        UsageError: the target is of no kind that newsds writes.
    """
    from newsds.release.verify import verify
    from newsds.targets.cargo import Cargo
    from newsds.targets.destination import open_target

    watch = progress or _ignore
    place = open_target(str(target), private=private)
    cargo = Cargo.of(verify(release, progress=lambda n_files: watch("verifying", n_files, 0)))
    plan = place.plan(cargo)
    revision = plan.revision
    if not (dry_run or plan.is_published):
        revision = place.send(cargo, plan, watch)
    return Publication(
        target=str(target),
        name=cargo.name,
        version=cargo.version,
        digest=cargo.digest,
        n_files=len(cargo.files),
        n_bytes=cargo.n_bytes,
        plan=plan,
        revision=revision,
        is_dry_run=dry_run,
    )


def _ignore(step: str, n_bytes: int, total_bytes: int) -> None:
    """Watch nothing."""
