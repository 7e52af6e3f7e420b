"""Addresses: what kind of place, which version, and under which name it is remembered."""

import pytest

from newsds.errors import UsageError
from newsds.loader.address import Address


@pytest.mark.parametrize(
    ("where", "kind", "root", "wanted"),
    [
        ("dist/news", "folder", "dist/news", None),
        ("dist/news@1.2.0", "folder", "dist/news", "1.2.0"),
        ("file:///data/my%20news@>=1,<2", "folder", "/data/my news", ">=1,<2"),
        ("hf://datasets/org/news@v1.2.0", "hub", "org/news", "v1.2.0"),
        ("hf://datasets/news/", "hub", "news", None),
        ("https://host/a/b", "web", "https://host/a/b/", None),
        ("https://host/a/b/@1.2.0", "web", "https://host/a/b/", "1.2.0"),
        ("https://host:8080/a@1.2.0", "web", "https://host:8080/a/", "1.2.0"),
        ("s3://bucket/some/prefix/@1.2.0", "s3", "bucket/some/prefix", "1.2.0"),
        ("s3://bucket", "s3", "bucket", None),
    ],
)
def test_an_address_is_taken_apart(where, kind, root, wanted):
    address = Address.parse(where)
    assert (address.kind, address.root) == (kind, root)
    assert (address.wanted.text if address.wanted else None) == wanted


@pytest.mark.parametrize(
    ("where", "version"),
    [
        ("gs://bucket/x", None),
        ("hf://datasets/a/b/c", None),
        ("hf://spaces/a/b", None),
        ("hf://datasets/a/..", None),
        ("s3://Bucket/x", None),
        ("https://host/x#y", None),
        ("dist@latest", None),
        ("dist@1.2.0", "1.3.0"),
    ],
)
def test_an_address_that_is_none_is_refused(where, version):
    with pytest.raises(UsageError):
        Address.parse(where, version)


def test_a_password_is_neither_taken_nor_shown():
    with pytest.raises(UsageError) as caught:
        Address.parse("https://me:secret@host/a@1.2.0")
    assert "secret" not in str(caught.value)


def test_the_same_name_on_another_server_is_another_place():
    hub, bucket = Address.parse("hf://datasets/org/news"), Address.parse("s3://bucket/news")
    assert hub.key({}) == hub.key({"HF_ENDPOINT": "https://huggingface.co/"}) == "hf://datasets/org/news"
    assert hub.key({"HF_ENDPOINT": "http://hub.example"}) == "hf://datasets/org/news [http://hub.example]"
    assert bucket.key({"HF_ENDPOINT": "http://hub.example"}) == "s3://bucket/news"
    assert bucket.key({"AWS_ENDPOINT_URL": "http://a.example"}) != bucket.key(
        {"AWS_ENDPOINT_URL": "http://b.example"}
    )
