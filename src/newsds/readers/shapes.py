"""Record shapes: which columns of a foreign record hold which part of an article."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

__all__ = ["SHAPES", "TARGETS", "Shape", "recognise"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """What the records of one kind of producer look like."""

    name: str
    #: Columns that together give the shape away.
    signature: frozenset[str]
    #: Target to the column that holds it, where the common names below do not say so.
    columns: Mapping[str, str] = field(default_factory=dict)
    #: How dates with numbers only are written.
    date_order: str | None = None
    #: Whether a single line feed ends a paragraph.
    has_line_paragraphs: bool = False
    #: Columns that repeat another one and are dropped when equal to it: column to target.
    echoes: Mapping[str, str] = field(default_factory=dict)


#: What a column can be mapped to, and the names under which producers write it, best first.
#: Most targets are article fields; the others are explained in `newsds read --help`.
TARGETS: dict[str, tuple[str, ...]] = {
    "headline": ("headline", "title", "heading"),
    "body": ("body", "maintext", "text", "content", "article", "story", "articlebody", "article_text"),
    "summary": ("summary", "description", "abstract", "excerpt", "standfirst"),
    "id": ("id", "article_id", "guid", "usn", "uuid"),
    "url": ("url", "link", "source_url", "article_url", "permalink"),
    "canonical_url": ("canonical_url", "canonical_link"),
    "published": ("published_at", "published", "publish_date", "date_publish", "datepublished", "publishing_date",
                  "pub_date", "pubdate", "publication_date", "publishedat", "date", "datetime"),
    "modified": ("modified_at", "modified", "date_modify", "datemodified", "updated", "updated_at", "updatedat"),
    "fetched": ("fetched_at", "date_download", "scraped_at", "crawled_at", "crawl_date", "warc_date", "collected_at"),
    "authors": ("authors", "author", "writers"),
    "byline": ("byline",),
    "credit_line": ("credit_line", "credit"),
    "agency": ("agency", "wire", "news_agency"),
    "publisher": ("publisher", "outlet", "publication", "newspaper", "site_name", "meta_site_name"),
    "publisher_domain": ("source_domain", "domain", "hostname"),
    "language": ("language", "lang", "meta_lang", "inlanguage"),
    "section": ("section", "category", "categories", "news_desk"),
    "tags": ("tags", "topics", "keywords", "labels"),
    "genre": ("genre",),
    "kicker": ("kicker",),
    "slugline": ("slugline", "slug"),
    "version": ("version",),
    "image": ("image_url", "image", "top_image", "urltoimage"),
    "instruments": ("instruments", "tickers", "rics", "symbols"),
    "license": ("license", "licence"),
}  # fmt: skip

#: The most telling shapes first; the last one takes every table.
SHAPES: tuple[Shape, ...] = (
    Shape(
        name="news-please",
        signature=frozenset({"maintext", "date_publish", "title"}),
        columns={"body": "maintext"},
        has_line_paragraphs=True,
        echoes={"text": "body", "title_page": "headline", "title_rss": "headline"},
    ),
    Shape(
        name="realnews",
        signature=frozenset({"title", "text", "publish_date", "domain"}),
        date_order="mdy",
        has_line_paragraphs=True,
    ),
    Shape(
        name="cc_news",
        signature=frozenset({"title", "text", "domain", "date", "description", "url", "image_url"}),
        has_line_paragraphs=True,
    ),
    Shape(name="table", signature=frozenset()),
)


def recognise(columns: Iterable[str]) -> Shape:
    """Return the shape of a record with these columns."""
    present = frozenset(columns)
    return next(shape for shape in SHAPES if shape.signature <= present)
