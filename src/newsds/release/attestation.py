"""The statement about how a release was made: an in-toto statement with SLSA provenance, written from the manifest."""

from collections.abc import Mapping
from typing import Any

from newsds.release.manifest import SUMS, Manifest

__all__ = ["ATTESTATIONS", "PROVENANCE", "SIGNATURE", "is_attestation", "statement"]

#: Folder of a release for statements about it; they stand outside the list of checksums.
ATTESTATIONS = "attestations"

#: The statement.
PROVENANCE = f"{ATTESTATIONS}/provenance.intoto.json"

#: The signature over everything else: an OpenSSF model-signing bundle.
SIGNATURE = f"{ATTESTATIONS}/release.sig"

_STATEMENT = "https://in-toto.io/Statement/v1"
_PREDICATE = "https://slsa.dev/provenance/v1"

#: What this kind of build is, and who did it: nobody vouches for a local one but who signs it.
_BUILD_TYPE = "https://newsds.invalid/attestation/build/1"
_BUILDER = "https://newsds.invalid/attestation/builder/local"


def is_attestation(path: str) -> bool:
    """Tell whether a file of a release may stand outside its list of checksums."""
    return path in (PROVENANCE, SIGNATURE)


def statement(manifest: Manifest, sums: Mapping[str, str], digest: str) -> dict[str, Any]:
    """Return the statement about a release.

    Args:
        manifest: the manifest of the release.
        sums: path to SHA-256 of every file in the list of checksums.
        digest: SHA-256 of that list, which names the release.
    """
    files = {**sums, SUMS: digest}
    return {
        "_type": _STATEMENT,
        "subject": [{"name": path, "digest": {"sha256": files[path]}} for path in sorted(files)],
        "predicateType": _PREDICATE,
        "predicate": {
            "buildDefinition": _definition(manifest),
            "runDetails": {"builder": {"id": _BUILDER, "version": dict(manifest.tools)}},
        },
    }


def _definition(manifest: Manifest) -> dict[str, Any]:
    return {
        "buildType": _BUILD_TYPE,
        "externalParameters": {
            "name": manifest.name,
            "version": manifest.version,
            "schema_version": manifest.schema_version,
            "profile": manifest.profile,
            **manifest.parameters,
        },
        "internalParameters": {
            "steps": [
                {"name": step.name, "n_in": step.n_in, "n_out": step.n_out, "note": step.note}
                for step in manifest.steps
            ]
        },
        "resolvedDependencies": [
            {
                "name": item.path,
                "digest": {"sha256": item.sha256},
                "annotations": {"n_bytes": item.n_bytes, "n_records": item.n_records},
            }
            for item in manifest.inputs
        ],
    }
