"""Addresses: one form per page, and never two pages in one form."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsds.urls import is_web_url, normalise_url, registrable_domain, url_faults


@pytest.mark.parametrize(
    "variant",
    [
        "https://news.example/a/ferry?id=7",
        "HTTP://News.Example:80/a/ferry?id=7",
        "https://news.example:443/a/ferry?id=7#comments",
        "https://news.example/a/ferry?utm_source=x&id=7&fbclid=abc",
        "https://news.example/a/ferry?id=7&",
    ],
)
def test_variants_of_one_address_have_one_form(variant):
    assert normalise_url(variant) == "https://news.example/a/ferry?id=7"


@pytest.mark.parametrize(
    "query",
    [
        "gallery=2",
        "gameId=1",
        "reference=5",
        "uid=77123",
        "eid=9",
        "idxno=12345",
        "id=1&page=2",
        "source=wire",
    ],
)
def test_parameters_that_may_be_the_article_are_kept(query):
    assert normalise_url(f"https://news.example/view?{query}") == f"https://news.example/view?{query}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "news.example/a",
        "ftp://news.example/a",
        "https://",
        "https://[bad",
        "https://a.example:99999/",
        "mailto:a@b.example",
    ],
)
def test_what_is_no_web_address_has_no_form(text):
    assert normalise_url(text) is None
    assert not is_web_url(text)


@given(st.text())
@example("\x0c#")
@example("?a=1&\x0c#b")
def test_any_text_is_survived_and_normalising_is_idempotent(text):
    once = normalise_url("https://news.example/" + text)
    assert once is None or normalise_url(once) == once


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.news.example/a", "news.example"),
        ("https://edition.paper.co.uk/a", "paper.co.uk"),
        ("https://10.0.0.1/a", "10.0.0.1"),
        ("nothing", None),
    ],
)
def test_the_registrable_domain_follows_the_public_suffix_list(url, domain):
    assert registrable_domain(url) == domain


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://news.example/a", []),
        ("http://news.example/a", ["http instead of https"]),
        ("https://news.example/a?utm_medium=x", ["tracking parameters"]),
        ("https://news.example/a#top", ["a fragment"]),
        ("https://news.example/a/amp/", ["an AMP page"]),
        ("https://news.example/a?amp=1", ["an AMP page"]),
        ("https://m.news.example/a", ["a mobile host"]),
        ("https://news.example/champ", []),
        ("https://museum.example/a?campaign=7", []),
        ("https://m.example/a", []),
        ("not an address", ["not an absolute web address"]),
    ],
)
def test_faults_of_an_address_are_named(url, words):
    assert url_faults(url) == words
