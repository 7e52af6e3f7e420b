"""Statements about a release, and signatures."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from newsds.cli import main
from newsds.errors import InputError, IntegrityError, OutputError
from newsds.release.attestation import PROVENANCE, SIGNATURE
from newsds.release.build import Built, build
from newsds.release.signing import check_signature, sign
from newsds.release.verify import verify
from release.projects import make_project, records


@pytest.fixture
def release(sample_release: Built, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    assert sample_release.path is not None
    return Path(shutil.copytree(sample_release.path, tmp_path / "release"))


def test_the_statement_names_every_file_and_every_input(sample_release: Built) -> None:
    assert sample_release.path is not None
    assert sample_release.manifest is not None
    said = json.loads((sample_release.path / PROVENANCE).read_text())
    assert (said["_type"], said["predicateType"]) == (
        "https://in-toto.io/Statement/v1",
        "https://slsa.dev/provenance/v1",
    )
    there = {
        path.relative_to(sample_release.path).as_posix()
        for path in sample_release.path.rglob("*")
        if path.is_file() and path.parent.name != "attestations"
    }
    assert {item["name"] for item in said["subject"]} == there
    definition = said["predicate"]["buildDefinition"]
    assert {item["name"]: item["digest"]["sha256"] for item in definition["resolvedDependencies"]} == {
        item.path: item.sha256 for item in sample_release.manifest.inputs
    }
    assert [step["name"] for step in definition["internalParameters"]["steps"]] == [
        step.name for step in sample_release.manifest.steps
    ]
    assert said["predicate"]["runDetails"]["builder"]["version"] == sample_release.manifest.tools


@pytest.mark.parametrize(
    ("text", "part"),
    [("{", "all of it"), ("[]", "all of it"), ('{"_type": "x"}', "_type")],
)
def test_a_statement_that_says_something_else_is_found(release: Path, text: str, part: str) -> None:
    (release / PROVENANCE).write_text(text)
    with pytest.raises(IntegrityError, match=part):
        verify(release)


def test_a_changed_step_in_the_statement_is_found(release: Path) -> None:
    said = json.loads((release / PROVENANCE).read_text())
    said["predicate"]["buildDefinition"]["internalParameters"]["steps"][0]["n_in"] += 1
    (release / PROVENANCE).write_text(json.dumps(said))
    with pytest.raises(IntegrityError, match="predicate"):
        verify(release)


def test_nothing_else_hides_among_the_attestations(release: Path) -> None:
    (release / "attestations" / "notes.txt").write_text("x")
    with pytest.raises(IntegrityError, match=r"attestations/notes\.txt: is not listed"):
        verify(release)


def make_key(folder: Path, name: str, *, password: str | None = None) -> tuple[Path, Path]:
    """Return a private key and its public half, made by the released library that reads them."""
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    cipher = (
        serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    )
    private, public = folder / f"{name}.pem", folder / f"{name}.pub"
    pem = serialization.Encoding.PEM
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, cipher))
    public.write_bytes(key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    return private, public


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    pytest.importorskip("model_signing")
    return make_key(tmp_path, "maintainer")


def test_a_signed_release_holds_for_its_key_alone(
    release: Path, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    private, public = keys
    digest = verify(release).digest
    assert sign(release, key=private) == release / SIGNATURE
    assert verify(release, key=public).digest == digest
    assert verify(release).key is None
    with pytest.raises(IntegrityError, match="does not hold"):
        verify(release, key=make_key(tmp_path, "stranger")[1])
    with pytest.raises(OutputError, match="exists already"):
        sign(release, key=private)


def test_an_unsigned_release_does_not_pass_for_a_signed_one(release: Path, keys: tuple[Path, Path]) -> None:
    with pytest.raises(IntegrityError, match="is not signed"):
        verify(release, key=keys[1])


@pytest.mark.parametrize(
    "name", ["README.md", "manifest.json", PROVENANCE, "data/clusters/train-00000-of-00001.parquet"]
)
def test_every_file_is_under_the_signature(release: Path, keys: tuple[Path, Path], name: str) -> None:
    sign(release, key=keys[0])
    check_signature(release, key=keys[1])
    data = bytearray((release / name).read_bytes())
    data[len(data) // 2] ^= 1
    (release / name).write_bytes(data)
    with pytest.raises(IntegrityError, match="does not hold"):
        check_signature(release, key=keys[1])


@pytest.mark.parametrize("spoil", ["", "{}", "null", '{"mediaType": 1}', "\x00" * 20], ids=repr)
def test_a_spoiled_signature_is_no_signature(release: Path, keys: tuple[Path, Path], spoil: str) -> None:
    (release / SIGNATURE).write_text(spoil)
    with pytest.raises(IntegrityError, match="does not hold"):
        check_signature(release, key=keys[1])


def test_the_signature_of_another_release_does_not_hold(
    release: Path, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    other = build(make_project(tmp_path / "p", records(3)), tmp_path / "dist", key=keys[0])
    assert other.path is not None
    verify(other.path, key=keys[1])
    shutil.copy(other.path / SIGNATURE, release / SIGNATURE)
    with pytest.raises(IntegrityError, match="does not hold"):
        verify(release, key=keys[1])


def test_an_encrypted_key_needs_its_password(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("model_signing")
    private, public = make_key(tmp_path, "locked", password="s3cret")
    with pytest.raises(InputError, match="no usable key"):
        sign(release, key=private)
    monkeypatch.setenv("NEWSDS_KEY_PASSWORD", "s3cret")
    assert main(["sign", str(release), "--key", str(private), "-q"]) == 0
    assert main(["verify", str(release), "--key", str(public), "-q"]) == 0


@pytest.mark.parametrize("content", [None, b"", b"no key"])
def test_what_is_no_key_is_one_line(
    release: Path, tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("model_signing")
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    assert main(["sign", str(release), "--key", str(tmp_path / "key")]) == 3
    assert capsys.readouterr().err.count("\n") == 1
    project = make_project(tmp_path / "p", records(3))
    assert main(["build", str(project), "-o", str(tmp_path / "dist"), "--key", str(tmp_path / "key")]) == 3
    assert not (tmp_path / "dist").exists()
    assert not (release / SIGNATURE).exists()


@pytest.mark.slow
def test_the_library_itself_agrees(release: Path, keys: tuple[Path, Path]) -> None:
    import sys

    sign(release, key=keys[0])
    done = subprocess.run(
        [
            sys.executable, "-m", "model_signing", "verify", "key", str(release), "--signature", str(release / SIGNATURE),
            "--public_key", str(keys[1]), "--ignore-paths", str(release / SIGNATURE),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
