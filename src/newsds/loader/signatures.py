"""Signatures on releases: what files a key has signed, for a reader who has only some of them.

A signature is an OpenSSF model-signing bundle: an in-toto statement with the SHA-256 of every file of the release, in a DSSE
envelope (https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md), signed with an elliptic curve key.
"""

import base64
from pathlib import Path
from typing import Any

from newsds.errors import InputError, IntegrityError
from newsds.extras import require
from newsds.loader.manifests import parse_json
from newsds.release.attestation import SIGNATURE

__all__ = ["check_signed", "signed_files", "unsigned"]

_PAYLOAD_TYPE = "application/vnd.in-toto+json"
_PREDICATE_TYPE = "https://model_signing/signature/v1.0"

#: Curve to the hash that is signed.
_HASHES = {"secp256r1": "SHA256", "secp384r1": "SHA384", "secp521r1": "SHA512"}


def check_signed(bundle: bytes, key: Path, path: str, sha256: str) -> None:
    """Refuse a release of which a key has not signed a file of this hash.

    Raises:
        IntegrityError: the signature does not hold, or is of another file.
        InputError: the key cannot be read, or is of another kind.
        MissingExtraError: cryptography is not installed.
    """
    found = signed_files(bundle, key).get(path)
    if found != sha256:
        raise IntegrityError(
            f"{SIGNATURE}: is not of this {path}, but of {'none' if found is None else found[:12] + '…'}",
            path=SIGNATURE, expected=sha256, found=found,
        )  # fmt: skip


def unsigned() -> IntegrityError:
    """Return the error for a release without a signature."""
    return IntegrityError(f"{SIGNATURE}: is missing; the release is not signed", path=SIGNATURE)


def signed_files(bundle: bytes, key: Path) -> dict[str, str]:
    """Return path to SHA-256 of the files that a signature is of.

    Raises:
        IntegrityError: the signature does not hold for the key.
        InputError, MissingExtraError: as for `check_signed`.
    """
    public = _load_key(key)
    envelope = parse_json(bundle, where=SIGNATURE)
    try:
        payload = base64.b64decode(envelope["dsseEnvelope"]["payload"], validate=True)
        signature = base64.b64decode(envelope["dsseEnvelope"]["signatures"][0]["sig"], validate=True)
    except (ValueError, KeyError, TypeError, IndexError):
        raise IntegrityError(f"{SIGNATURE}: is no signature", path=SIGNATURE) from None
    _check_envelope(public, payload, signature, key)
    return _statement_files(parse_json(payload, where=SIGNATURE))


def _load_key(key: Path) -> Any:
    """Return the public key of a PEM file."""
    require("cryptography", extra="sign", purpose="load(key=...)")
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        public = load_pem_public_key(key.read_bytes())
    except OSError as error:
        raise InputError(f"{key}: cannot be read ({error.strerror})") from None
    except (ValueError, UnsupportedAlgorithm):
        raise InputError(f"{key}: is no public key in PEM") from None
    if getattr(getattr(public, "curve", None), "name", None) not in _HASHES:
        raise InputError(f"{key}: is no key on the curves P-256, P-384 or P-521")
    return public


def _check_envelope(public: Any, payload: bytes, signature: bytes, key: Path) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

    signed = f"DSSEv1 {len(_PAYLOAD_TYPE)} {_PAYLOAD_TYPE} {len(payload)} ".encode() + payload
    try:
        public.verify(signature, signed, ECDSA(getattr(hashes, _HASHES[public.curve.name])()))
    except InvalidSignature:
        raise IntegrityError(f"{SIGNATURE}: does not hold for {key}", path=SIGNATURE) from None


def _statement_files(statement: Any) -> dict[str, str]:
    try:
        resources = statement["predicate"]["resources"]
        found = {item["name"]: item["digest"] for item in resources if item["algorithm"] == "sha256"}
        is_known = statement["predicateType"] == _PREDICATE_TYPE
    except (KeyError, TypeError):
        found, is_known = {}, False
    if not is_known:
        raise IntegrityError(f"{SIGNATURE}: does not say which files are signed", path=SIGNATURE)
    return found
