"""Loading with a key: the manifest must be signed with it, wherever the release is."""

import base64
import json
import shutil
from pathlib import Path

import pytest

import newsds
from newsds.errors import InputError, IntegrityError, NotCachedError, UsageError
from newsds.loader.signatures import signed_files

pytest.importorskip("model_signing")

SIGNATURE = "attestations/release.sig"


def write_keys(folder: Path, curve: str = "SECP256R1") -> tuple[Path, Path]:
    """Write a key pair, and return the files of its private and its public half."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(getattr(ec, curve)())
    folder.mkdir(exist_ok=True)
    (folder / "key.pem").write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    (folder / "key.pub").write_bytes(
        private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return folder / "key.pem", folder / "key.pub"


@pytest.fixture
def signed(web, copy, tmp_path):
    """A signed release, the public key, and the places it can be loaded from."""
    from newsds.release.signing import sign

    release = copy()
    private, public = write_keys(tmp_path / "keys")
    sign(release, key=private)
    web.folder = release
    return release, public, (release, web.url)


@pytest.mark.parametrize("curve", ["SECP256R1", "SECP384R1", "SECP521R1"])
def test_a_signature_of_the_library_is_read(copy, tmp_path, curve):
    from newsds.release.signing import sign

    private, public = write_keys(tmp_path / "keys", curve)
    release = copy()
    sign(release, key=private)
    assert newsds.load(release, key=public).to_arrow().num_rows == 5
    files = signed_files((release / SIGNATURE).read_bytes(), public)
    assert {shard.path for shard in newsds.load(release).shards} < set(files)


def test_a_signed_release_is_loaded_from_everywhere_and_offline(signed):
    _, public, places = signed
    for place in places:
        assert newsds.load(place, key=public).to_arrow().num_rows == 5
    assert newsds.load(f"{places[1]}@1.2.0", key=public, offline=True).to_arrow().num_rows == 5


def test_a_signature_that_was_not_asked_for_is_not_there_offline(signed):
    _, public, (_, url) = signed
    newsds.load(f"{url}@1.2.0")
    with pytest.raises(NotCachedError) as caught:
        newsds.load(f"{url}@1.2.0", key=public, offline=True)
    assert caught.value.missing == (SIGNATURE,)


def test_another_key_is_refused(signed, tmp_path):
    _, _, places = signed
    _, other = write_keys(tmp_path / "others")
    for place in places:
        with pytest.raises(IntegrityError, match="does not hold for"):
            newsds.load(place, key=other)


def test_a_release_without_a_signature_is_refused(signed):
    release, public, places = signed
    shutil.rmtree(release / "attestations")
    for place in places:
        with pytest.raises(IntegrityError, match="is not signed"):
            newsds.load(place, key=public)


def test_a_release_that_was_edited_after_it_was_signed_is_refused(signed):
    release, public, places = signed
    manifest = json.loads((release / "manifest.json").read_text())
    (release / "manifest.json").write_text(json.dumps({**manifest, "title": "Edited"}))
    for place in places:
        with pytest.raises(IntegrityError, match=r"is not of this manifest\.json"):
            newsds.load(place, key=public)


def spoil(bundle: dict, statement: dict) -> dict:
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    return {**bundle, "dsseEnvelope": {**bundle["dsseEnvelope"], "payload": payload}}


@pytest.mark.parametrize(
    "change",
    [
        lambda bundle: spoil(bundle, {"predicate": {"resources": []}}),
        lambda bundle: {**bundle, "dsseEnvelope": {}},
        lambda bundle: {**bundle, "dsseEnvelope": {**bundle["dsseEnvelope"], "signatures": []}},
        lambda bundle: {**bundle, "dsseEnvelope": {**bundle["dsseEnvelope"], "signatures": [{"sig": "!"}]}},
        lambda bundle: {
            **bundle,
            "dsseEnvelope": {**bundle["dsseEnvelope"], "signatures": [{"sig": "AAAA"}]},
        },
        lambda bundle: [bundle],
    ],
)
def test_a_signature_that_is_none_is_refused(signed, change):
    release, public, places = signed
    path = release / SIGNATURE
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    for place in places:
        with pytest.raises(IntegrityError, match=r"release\.sig"):
            newsds.load(place, key=public)


def test_a_key_that_is_none_is_told(signed, tmp_path):
    release, _, _ = signed
    (tmp_path / "no.pem").write_text("no key")
    for key in (tmp_path / "no.pem", tmp_path / "nowhere.pem"):
        with pytest.raises(InputError):
            newsds.load(release, key=key)
    with pytest.raises(UsageError, match="every file is hashed"):
        newsds.load(release, key=tmp_path / "no.pem", verify="off")
