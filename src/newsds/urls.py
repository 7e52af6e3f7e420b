"""Addresses of articles: one normal form per page, the registrable domain, and what makes an address a poor one."""

import re
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from newsds.later import later_pattern

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

__all__ = ["FAULT_SIGN", "SHORTENERS", "is_web_url", "normalise_url", "registrable_domain", "url_faults"]

#: Query parameters that only say how a reader came to the page: exact names, never parts of names,
#: because `?id=`, `?idxno=` and `?gallery=` are the article on many sites.
TRACKERS = frozenset(
    [
        "fbclid",
        "gclid",
        "dclid",
        "gbraid",
        "wbraid",
        "msclkid",
        "yclid",
        "twclid",
        "ttclid",
        "igshid",
        "mc_cid",
        "mc_eid",
        "mkt_tok",
        "_hsenc",
        "_hsmi",
        "oly_anon_id",
        "oly_enc_id",
        "vero_id",
        "s_cid",
        "cmpid",
        "ncid",
        "ocid",
        "icid",
        "ito",
        "__twitter_impression",
        "guccounter",
        "guce_referrer",
        "guce_referrer_sig",
        "soc_src",
        "soc_trk",
        "tsrc",
        "wt_mc",
        "wt_zmc",
        "xtor",
        "at_medium",
        "at_campaign",
        "sharetype",
        "smid",
        "smtyp",
        "ref_src",
        "ref_url",
        "spm",
        "_ga",
        "_gl",
    ]
)
_TRACKER_PREFIXES = ("utm_", "pk_", "mtm_", "hsa_")
_AMP_QUERY = frozenset({("outputtype", "amp"), ("amp", "1"), ("amp", ""), ("amp", "true")})
_MOBILE_HOST = later_pattern(r"^(?:m|mobile|amp)\.(?=[^.]+\.)")
_AMP_PATH = later_pattern(r"(?:/amp/?|\.amp(?:\.html)?)$")

_TRACKER_WORDS = "|".join((*_TRACKER_PREFIXES, *sorted(TRACKERS)))
#: What is in every address with a fault beyond http, if its host is written plainly; a pattern of Rust's `regex`.
FAULT_SIGN = (
    rf"#|[?&](?i:{_TRACKER_WORDS}|outputtype=|amp)"
    r"|/amp/?(?:\?|$)|\.amp(?:\.html)?(?:\?|$)|^https?://(?:m|mobile|amp)\.|ampproject"
)

#: Hosts that stand for another address, or that hold a copy of it.
SHORTENERS = frozenset(
    [
        "bit.ly",
        "t.co",
        "goo.gl",
        "ow.ly",
        "buff.ly",
        "dlvr.it",
        "tinyurl.com",
        "fb.me",
        "lnkd.in",
        "is.gd",
        "trib.al",
        "reut.rs",
        "apne.ws",
        "nyti.ms",
        "wapo.st",
        "bbc.in",
        "cnn.it",
        "floq.to",
        "youtu.be",
        "ift.tt",
        "shar.es",
        "web.archive.org",
        "archive.org",
        "archive.is",
        "archive.ph",
        "archive.today",
        "webcache.googleusercontent.com",
        "news.google.com",
        "news.yahoo.co.jp",
        "feedproxy.google.com",
        "l.facebook.com",
    ]
)

_DEFAULT_PORTS = {"http": 80, "https": 443}


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme.lower() in _DEFAULT_PORTS and parts.hostname else None


def is_web_url(url: str) -> bool:
    """Tell whether a text is an absolute http or https address without white space."""
    return len(url) <= 4096 and not re.search(r"\s", url) and _split(url) is not None


def _is_tracker(parameter: str) -> bool:
    name = parameter.partition("=")[0].lower()
    return name in TRACKERS or name.startswith(_TRACKER_PREFIXES)


def _is_amp_switch(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return (name.lower(), value.lower()) in _AMP_QUERY


def normalise_url(url: str) -> str | None:
    """Return one form for all addresses of a page, or None if the text is no web address.

    Lower-case scheme and host, no default port, no fragment, no tracking parameters, https for http.
    Unknown parameters, their order, the path and its case are kept: they may be the article.

    >>> normalise_url("HTTP://News.Example:80/a?utm_source=x&id=7#top")
    'https://news.example/a?id=7'
    """
    parts = _split(url)
    if parts is None or parts.hostname is None:
        return None
    default = _DEFAULT_PORTS[parts.scheme.lower()]
    host = parts.hostname if parts.port in (None, default) else f"{parts.hostname}:{parts.port}"
    kept = [item for item in parts.query.split("&") if item.strip() and not _is_tracker(item)]
    return urlunsplit(("https", host, parts.path or "/", "&".join(kept), "")).strip()


def url_faults(url: str) -> list[str]:
    """Return what keeps an address from being the canonical one, in words; an empty list if nothing does."""
    parts = _split(url)
    if parts is None:
        return ["not an absolute web address"]
    host, query = parts.hostname or "", [item for item in parts.query.split("&") if item]
    checks = (
        (parts.scheme.lower() == "http", "http instead of https"),
        (any(_is_tracker(item) for item in query), "tracking parameters"),
        (bool(parts.fragment), "a fragment"),
        (bool(_AMP_PATH.search(parts.path)) or any(_is_amp_switch(item) for item in query), "an AMP page"),
        (bool(_MOBILE_HOST.match(host)), "a mobile host"),
        (host.endswith(".cdn.ampproject.org"), "an AMP cache"),
    )
    return [words for is_fault, words in checks if is_fault]


@cache
def _suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


def registrable_domain(url: str) -> str | None:
    """Return the registrable domain of an address (Public Suffix List), or its host if it has none.

    >>> registrable_domain("https://www.news.example.co.uk/a")
    'example.co.uk'
    """
    parts = _split(url)
    if parts is None or not parts.hostname:
        return None
    if _is_address(parts.hostname):
        return parts.hostname
    domain: Any = _suffixes().privatesuffix(parts.hostname)
    return str(domain or parts.hostname)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
