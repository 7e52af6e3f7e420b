"""Signatures on releases: OpenSSF model-signing bundles made and checked with a key of one's own, offline."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from newsds.errors import InputError, IntegrityError, MissingExtraError, OutputError
from newsds.files import atomic_write
from newsds.release.attestation import SIGNATURE
from newsds.release.inventory import FOREIGN

__all__ = ["check_signature", "read_private_key", "sign"]


def sign(release: str | Path, *, key: str | Path, password: bytes | None = None, force: bool = False) -> Path:
    """Sign a release with an elliptic curve key, and return the signature's path.

    Everything is signed but the signature itself and what hosts put beside a release. Verify the release first.

    Args:
        release: folder of the release.
        key: private key in PEM (P-256, P-384 or P-521).
        password: of the key, if it is encrypted.
        force: replace the signature that is there.

    Raises:
        InputError: the key cannot be read, or is of another kind.
        OutputError: there is a signature.
        MissingExtraError: model-signing is not installed.
    """
    folder = Path(release)
    target = folder / SIGNATURE
    if target.exists() and not force:
        raise OutputError(f"{target}: exists already; --force replaces it")
    config = read_private_key(key, password=password)
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as elsewhere:
        signature = Path(elsewhere) / target.name
        config.set_hashing_config(_hashing()).sign(folder, signature)
        atomic_write(target, signature.read_bytes())
    return target


def read_private_key(key: str | Path, *, password: bytes | None = None) -> Any:
    """Return what signs with a private key, so that a wrong one is found before there is anything to sign.

    Raises:
        InputError: the key cannot be read, or is of another kind.
        MissingExtraError: model-signing is not installed.
    """
    signing = _model_signing().signing
    with _key_errors(key):
        return signing.Config().use_elliptic_key_signer(private_key=str(key), password=password)


def check_signature(release: str | Path, *, key: str | Path) -> None:
    """Check that a release is signed with a key, and that every file is the one that was signed.

    Args:
        release: folder of the release.
        key: public key in PEM.

    Raises:
        IntegrityError: there is no signature, or it does not hold.
        InputError: the key cannot be read, or is of another kind.
        MissingExtraError: model-signing is not installed.
    """
    folder = Path(release)
    signature = folder / SIGNATURE
    if not signature.is_file() or signature.is_symlink():
        raise IntegrityError(f"{SIGNATURE}: is missing; the release is not signed", path=SIGNATURE)
    verifying = _model_signing().verifying
    with _key_errors(key):
        config = verifying.Config().use_elliptic_key_verifier(public_key=str(key))
    try:
        config.set_hashing_config(_hashing()).verify(folder, signature)
    except Exception as error:  # noqa: BLE001 # protobuf, cryptography and JSON errors alike: it does not hold
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise IntegrityError(f"{SIGNATURE}: does not hold for {key} ({reason})", path=SIGNATURE) from None


def _hashing() -> Any:
    hashing = _model_signing().hashing
    ignored = [SIGNATURE, *sorted(FOREIGN)]
    return (
        hashing.Config().use_file_serialization(hashing_algorithm="sha256").set_ignored_paths(paths=ignored)
    )


def _model_signing() -> Any:
    try:
        import model_signing
    except ImportError as error:
        raise MissingExtraError(
            str(error.name or "model-signing"), extra="sign", purpose="a signature"
        ) from None
    return model_signing


@contextmanager
def _key_errors(key: str | Path) -> Iterator[None]:
    """Turn what cryptography says about a key into one line."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{key}: cannot be read ({error.strerror})") from None
    except (ValueError, TypeError) as error:
        raise InputError(f"{key}: is no usable key ({str(error)[:200]})") from None
