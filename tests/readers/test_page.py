"""Plain-text pages: the article, the whole article, and nothing but the article."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsds.readers.page import parse_page
from newsds.wire import AGENCIES, Agency

DATA = Path(__file__).parents[2] / "data"
TRUTH = {
    name: truth
    for name, truth in json.loads((DATA / "truth.json").read_text("utf-8"))["articles"].items()
    if name.startswith("data/pages/")
}
OWN = (
    *AGENCIES,
    Agency(code="northwire", name="Northwire"),
    Agency(code="kd", name="Küstendienst"),
    Agency(code="littoral", name="Agence Littoral", aliases=("AL",)),
)

PARAGRAPHS = """
LERWOLD (Northwire) – The island council of Lerwold has closed the only road to the lighthouse after a \
spring tide carried away forty metres of the embankment, leaving the keeper <KEEP.L> and nine \
goats on the far side.

Engineers will not begin repairs before the first week of April, because the only crane that is heavy \
enough stands in the quarry of a company that owes the council money.

“We told them in the autumn that the stones were moving,” said Tilda Marrow, who has run the light since \
2009. “Nobody came to look, and now nobody can come at all.”

‘NOT OUR CRANE’

The quarry’s owner said on Friday that the crane was free and always had been. He asked only that somebody \
pay the ferry, which costs four hundred crowns each way.

The goats are being fed from the sea.
""".strip().split("\n\n")
PAGE = """• Skip to main content
  • Skip to footer
  • News
  • Weather
  • (0)
  • Log inRegister
    • Facebook
    • RSS
Skerry Post

Skerry Post

Islands, boats and opinions

  • Sections
    • Harbours
    • Letters
  • Harbours
  • Letters

Exclusive: Lerwold loses its lighthouse road – keeper

Northwire / 3 min read.
March 6, 2026
skpo.example/Lr7x

By Ottoline Fenn

{body}

(Reporting by Ottoline Fenn; Additional reporting by Bram Sallow in Tollan; Editing by Ida Crewe)

Categories: Islands
Tags: roads, tides, goats

About Northwire

Primary Sidebar

Sign up to receive the tide table by e-mail every morning before you leave the house!

Jobs

  • Deckhand | Lerwold - January 12, 2026
  • Baker, nights | Tollan - January 11, 2026
More Jobs

Tags

bread boats council ferry fog goats harbour ice lighthouse roads storms tides

Recent

  • Seven walks that end in the water
  • Who painted the customs house yellow, and why it stayed so

Copyright © 2024 Skerry Post
Sitemap| Privacy| Terms

We use cookies so that we can remember which pages you have read. You can change your mind at any time.
""".format(body="\n\n".join(PARAGRAPHS))


def roles(page, text):
    shown = text.split("\n")
    return {line.role: shown[line.number - 1] for line in page.lines if line.role not in ("dropped", "blank")}


def test_every_fact_of_a_wire_page_is_found():
    record = parse_page(PAGE, agencies=OWN).record
    body = record.pop("body")
    kinds = [block["kind"] for block in record.pop("body_blocks")]
    assert body.split("\n\n") == PARAGRAPHS
    assert kinds == ["paragraph", "paragraph", "paragraph", "crosshead", "paragraph", "paragraph"]
    evidence = record["syndication"].pop("evidence")
    assert set(evidence) == {"source_line", "dateline", "credit_line", "about_box"}
    assert record == {
        "headline": "Exclusive: Lerwold loses its lighthouse road – keeper",
        "publisher": {"name": "Skerry Post"},
        "agency": {"name": "Northwire", "code": "northwire"},
        "syndication": {"status": "syndicated"},
        "byline": "By Ottoline Fenn",
        "contributors": [
            {"name": "Ottoline Fenn", "role": "reporter", "raw": "Reporting by Ottoline Fenn"},
            {
                "name": "Bram Sallow",
                "role": "additional_reporting",
                "location": "Tollan",
                "raw": "Additional reporting by Bram Sallow in Tollan",
            },
            {"name": "Ida Crewe", "role": "editor", "raw": "Editing by Ida Crewe"},
        ],
        "credit_line": next(line for line in PAGE.split("\n") if line.startswith("(Reporting")),
        "dateline": {"raw": "LERWOLD (Northwire) –", "places": ["LERWOLD"], "agency": "Northwire"},
        "published_at": "2026-03-06T00:00:00Z",
        "published_precision": "day",
        "published_raw": "March 6, 2026",
        "alternate_urls": [{"rel": "short", "url": "https://skpo.example/Lr7x"}],
        "section": "Islands",
        "tags": ["roads", "tides", "goats"],
        "instruments": [{"symbol": "KEEP.L", "scheme": "ric"}],
        "rights": {"page_notice": "Copyright © 2024 Skerry Post"},
    }


def test_every_line_has_a_role_and_kept_lines_say_which():
    page = parse_page(PAGE, agencies=OWN)
    assert [line.number for line in page.lines] == list(range(1, PAGE.count("\n") + 2))
    found = roles(page, PAGE)
    assert found["headline"].startswith("Exclusive: Lerwold")
    assert found["agency_line"] == "Northwire / 3 min read."
    assert found["short_url"] == "skpo.example/Lr7x"
    assert found["credit_line"].startswith("(Reporting by")
    assert found["publisher"] == "Skerry Post"
    assert found["page_notice"] == "Copyright © 2024 Skerry Post"


def test_body_blocks_are_spans_of_the_body():
    record = parse_page(PAGE, agencies=OWN).record
    assert [record["body"][block["start"] : block["end"]] for block in record["body_blocks"]] == PARAGRAPHS


def test_the_form_without_blank_lines_and_bullets_gives_the_same_article():
    rows = [row.strip().removeprefix("• ") for row in PAGE.split("\n") if row.strip()]
    wet = "Exclusive: Lerwold loses its lighthouse road – keeper | Skerry Post\n" + "\n".join(rows)
    first, second = parse_page(PAGE, agencies=OWN).record, parse_page(wet, agencies=OWN).record
    for name in (
        "headline",
        "body",
        "agency",
        "published_at",
        "contributors",
        "tags",
        "section",
        "publisher",
    ):
        assert second[name] == first[name]


def test_windows_line_ends_change_nothing():
    windows = parse_page(PAGE.replace("\n", "\r\n"), agencies=OWN)
    assert windows.record == parse_page(PAGE, agencies=OWN).record


def test_an_unknown_agency_is_not_guessed():
    record = parse_page(PAGE.replace("Northwire", "Southcable")).record
    assert "agency" not in record
    assert "syndication" not in record
    assert record["dateline"]["agency"] == "Southcable"


@pytest.mark.parametrize(("line", "kept"), [("", None), ("4 March 2026, 10:30 GMT", "2026-03-04T10:30:00Z")])
def test_a_date_far_from_the_headline_is_not_the_articles(line, kept):
    record = parse_page(PAGE.replace("March 6, 2026", line), agencies=OWN).record
    assert record.get("published_at") == kept


@pytest.mark.parametrize(
    ("headline", "signals", "status"),
    [
        ("CORRECTED-Lerwold loses its lighthouse road", ["correction"], "corrected"),
        ("UPDATE 2-Lerwold loses its lighthouse road", ["update"], None),
    ],
)
def test_a_headline_says_which_version_it_is(headline, signals, status):
    record = parse_page(
        PAGE.replace("Exclusive: Lerwold loses its lighthouse road – keeper", headline)
    ).record
    assert (record["headline"], record["signals"], record.get("status")) == (headline, signals, status)


@pytest.mark.parametrize(
    ("marks", "byline", "name"),
    [
        (
            "Von Wiebke Tamm, Küstendienst\n6. März 2026, 14:20 Uhr",
            "Von Wiebke Tamm, Küstendienst",
            "Wiebke Tamm",
        ),
        ("Par Maëlle Corbin\nPublié le 6 mars 2026 à 14h20", "Par Maëlle Corbin", "Maëlle Corbin"),
        ("Por Inés Robledo\n6 de marzo de 2026, 14:20", "Por Inés Robledo", "Inés Robledo"),
    ],
)
def test_heads_of_other_languages_are_read(marks, byline, name):
    head = "Northwire / 3 min read.\nMarch 6, 2026\nskpo.example/Lr7x\n\nBy Ottoline Fenn"
    text = PAGE.replace(head, marks).replace("Reporting by Ottoline Fenn; ", "")
    record = parse_page(text, agencies=OWN).record
    assert (record["byline"], record["published_at"]) == (byline, "2026-03-06T14:20:00Z")
    assert record["contributors"][0] == {"name": name, "role": "author", "raw": byline}


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Ottoline Fenn\nMarch 6, 2026", ["Ottoline Fenn"]),
        ("Ottoline Fenn and Bram Sallow - March 6, 2026", ["Ottoline Fenn", "Bram Sallow"]),
        ("March 6, 2026 | By Ottoline Fenn", ["Ottoline Fenn"]),
        ("Skerry News\nPublished March 6, 2026", []),
    ],
)
def test_a_name_beside_the_date_is_the_byline(line, names):
    head = "Northwire / 3 min read.\nMarch 6, 2026\nskpo.example/Lr7x\n\nBy Ottoline Fenn"
    credit = next(row for row in PAGE.split("\n") if row.startswith("(Reporting"))
    record = parse_page(PAGE.replace(head, line).replace(credit, "")).record
    assert [person["name"] for person in record.get("contributors", ())] == names


@pytest.mark.parametrize(
    ("insert", "said"),
    [
        ("Read more: Five bridges that should have been ferries", "Five bridges"),
        ("Lesen Sie auch: Fünf Brücken zu viel", "Brücken"),
        ("© 2026 Northwire. All rights reserved", "rights reserved"),
    ],
)
def test_furniture_between_paragraphs_is_left_out(insert, said):
    record = parse_page(PAGE.replace(PARAGRAPHS[1], PARAGRAPHS[1] + "\n\n" + insert), agencies=OWN).record
    assert said not in record["body"]
    assert record["body"].endswith(PARAGRAPHS[-1])


def test_a_cut_off_body_is_flagged():
    cut = PAGE.replace(
        PARAGRAPHS[-1], "The goats are being fed from the sea, the keeper said by telephone, and the…"
    )
    assert parse_page(cut, agencies=OWN).record["quality_flags"] == ["truncated"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "Home\nNews\nLog in",
        "\n".join(f"  • Item {number}" for number in range(300)),
        "© 2026 Skerry Post",
    ],
    ids=["empty", "blank", "short menu", "long menu", "notice"],
)
def test_a_page_without_an_article_gives_none(text):
    page = parse_page(text)
    assert page.record is None
    assert {line.role for line in page.lines} <= {"dropped", "blank"}


@pytest.mark.parametrize("name", sorted(TRUTH), ids=lambda name: Path(name).stem)
def test_sample_pages_are_read_as_their_writer_meant_them(name):
    truth = TRUTH[name]
    record = parse_page((DATA.parent / name).read_text("utf-8"), agencies=OWN).record
    blocks = [
        (block["kind"], record["body"][block["start"] : block["end"]]) for block in record["body_blocks"]
    ]
    assert record["headline"] == truth["headline"]
    assert record["publisher"] == {"name": truth["publisher"]}
    assert record.get("agency", {}).get("name") == truth["agency"]
    assert record.get("dateline", {}).get("places", []) == truth["dateline_places"]
    assert record["published_at"][:10] == truth["published"]
    assert (record["section"], record["tags"]) == (truth["section"], truth["tags"])
    assert sum(kind == "paragraph" for kind, _ in blocks) == truth["n_paragraphs"]
    assert [text for kind, text in blocks if kind != "paragraph"] == truth["crossheads"]
    assert (record["body"][:30], record["body"][-30:]) == (truth["first"], truth["last"])


@pytest.mark.parametrize("name", sorted(TRUTH), ids=lambda name: Path(name).stem)
def test_people_of_sample_pages_are_named_once_per_role(name):
    record = parse_page((DATA.parent / name).read_text("utf-8"), agencies=OWN).record
    found = [
        (person["name"], person["role"], person.get("location")) for person in record.get("contributors", ())
    ]
    meant = [
        (person["name"], person["role"], person.get("location")) for person in TRUTH[name]["contributors"]
    ]
    credited = {person for person, role, _ in meant if role in ("reporter", "writer")}
    assert found == [item for item in meant if item[1] != "author" or item[0] not in credited]


@settings(max_examples=60)
@given(st.text(st.characters(codec="utf-8"), max_size=400), st.integers(0, 60))
def test_no_page_is_too_strange(noise, line):
    rows = PAGE.split("\n")
    page = parse_page("\n".join([*rows[:line], noise, *rows[line:]]), agencies=OWN)
    if page.record is not None:
        for block in page.record["body_blocks"]:
            assert page.record["body"][block["start"] : block["end"]].strip()


@pytest.mark.parametrize(
    "unit", ["A", " ", "(", "\n", "A\n", "©\n", "By A B\n", "(Reporting by A B\n", "1 May 2026 ", "• "]
)
def test_long_hostile_pages_take_little_time(unit):
    text = unit * (50_000 // len(unit))
    start = time.process_time()
    parse_page(PAGE + text)
    parse_page(text + PAGE)
    assert time.process_time() - start < 3.0


LEAD = "The harbour tram will run until midnight from the first of May, the council said on Monday after a debate."
REST = (
    "Drivers had asked for a later start on Sundays, and got it, said Ole Brandt, who speaks for them in the council.",
    "The last tram used to leave at ten, which left the shift workers of the docks to walk home in winter.",
)
TITLE = "Harbour tram to run until midnight from May"


@pytest.mark.parametrize(
    "mark",
    [
        "Published 3 May 2026, 10:15",
        "By Jane Roe",
        "By Jane Roe\n3 May 2026",
        "3 May 2026\nBy Jane Roe",
        "By Jane Roe\n3 May 2026\n2 min read",
        "By Jane Roe\n\n3 May 2026\n",
    ],
)
@pytest.mark.parametrize("gap", ["\n\n", "\n"], ids=["blocks", "lines"])
@pytest.mark.parametrize(
    "menu", ["Home\nNews\n\n", "Home\nNews\n", ""], ids=["menu", "close menu", "no menu"]
)
def test_a_lead_right_below_what_is_said_of_the_article_is_its_own(mark, gap, menu):
    page = f"{menu}{TITLE}\n{mark}\n{gap.join([LEAD, *REST])}{gap}Share\n"
    record = parse_page(page).record
    assert record["body"].split("\n\n") == [LEAD, *REST]
    assert record["headline"] == TITLE
    assert record.get("byline") == ("By Jane Roe" if "Roe" in mark else None)
    assert record.get("published_precision") == (
        None if mark == "By Jane Roe" else "minute" if ":" in mark else "day"
    )


FRAME = "Home\nNews\n{}\nShare\n© 2026 Harbour Ledger\n"


@pytest.mark.parametrize("gap", ["\n", "\n\n"], ids=["lines", "blocks"])
@pytest.mark.parametrize(
    ("frame", "paragraphs", "is_doubtful"),
    [
        ("{}", [LEAD, "They had asked for it."], False),
        (FRAME, [LEAD, "They had asked for it."], False),
        ("{}", [LEAD], True),
        (FRAME, [LEAD], True),
        ("{}", ["The tram runs until midnight.", "It used to stop at ten."], True),
        ("{}", ["The tram stops."], True),
    ],
    ids=["two", "two framed", "one", "one framed", "short sentences", "three words"],
)
def test_a_short_page_is_an_article(gap, frame, paragraphs, is_doubtful):
    page = parse_page(frame.format(gap.join([TITLE, *paragraphs])))
    assert page.record["headline"] == TITLE
    assert page.record["body"].split("\n\n") == paragraphs
    assert page.is_doubtful is is_doubtful
    assert page.record.get("quality_flags") == (["short_body"] if is_doubtful else None)


def test_a_page_of_one_sentence_has_no_headline():
    page = parse_page(LEAD)
    assert (page.record.get("headline"), page.record["body"], page.is_doubtful) == (None, LEAD, True)


@pytest.mark.parametrize(
    "text",
    [
        "Page not found\nThe page you are looking for does not exist.\nHome\n",
        "Site\nWe use cookies so that we can remember which pages you have read.\nAccept\n",
        "Home\nSign in to read this article in full, or subscribe today.\n© 2026 Harbour Ledger\n",
    ],
    ids=["not found", "cookies", "wall"],
)
def test_what_a_site_says_to_its_reader_is_no_article(text):
    assert parse_page(text).record is None


ARTICLE = "\n\n".join(PARAGRAPHS)
TEASERS = """Seven walks that end in the water

A guide to the paths that the tide takes back, with hours.

Who painted the customs house yellow

Nobody has asked for the money yet, and the wall is still wet.

More stories of the islands

  • Ferry late again
  • Goats found on the pier"""
COMMENT = "I have said so for years, and nobody at the council ever listened to any of us who walk that road to work."


@pytest.mark.parametrize(
    "below",
    [
        f"Related Stories\n\n{TEASERS}",
        f"You Might Also Like …\n\n{TEASERS}",
        f"Das könnte Sie auch interessieren\n\n{TEASERS}",
        f"34 responses to “Lerwold loses its road”\n\n{COMMENT}\n\n2. gull77 says:\n\n{COMMENT}",
        f"  • Mira Holt on March 7, 2026 at 6:34 am said:\n\n{COMMENT}\n\n  • Finn on March 8, 2026 at 7:12 pm said:\n\n{COMMENT}",
    ],
    ids=["teasers", "also like", "german", "responses", "comments"],
)
def test_other_articles_and_comments_below_are_left_out(below):
    page = f"Home\n\nLerwold loses its lighthouse road\n\n{ARTICLE}\n\n{below}\n"
    assert parse_page(page).record["body"] == ARTICLE


@pytest.mark.parametrize(
    "box", ["Related\n\nSeven walks that end in the water", "Related Stories", "Comments (8)"]
)
def test_a_box_between_paragraphs_does_not_end_the_body(box):
    middle = "\n\n".join([*PARAGRAPHS[:2], box, *PARAGRAPHS[2:]])
    body = parse_page(f"Home\n\nLerwold loses its lighthouse road\n\n{middle}\n").record["body"]
    assert body.startswith(PARAGRAPHS[0])
    assert body.endswith(PARAGRAPHS[-1])


def test_a_standfirst_is_the_summary_and_not_of_the_body():
    standfirst = "A spring tide has cut off the keeper, and nobody wants to pay for the crane."
    page = parse_page(PAGE.replace("road – keeper\n", f"road – keeper\n\n{standfirst}\n"), agencies=OWN)
    assert page.record["summary"] == standfirst
    assert page.record["body"] == ARTICLE
    assert "standfirst" in {line.role for line in page.lines}


@pytest.mark.parametrize(
    "line", ["A gull on the road. Photo: Skerry Post", "Updated on 6 March 2026 at noon by the desk."]
)
def test_a_caption_or_a_date_below_the_headline_is_no_standfirst(line):
    record = parse_page(PAGE.replace("road – keeper\n", f"road – keeper\n\n{line}\n"), agencies=OWN).record
    assert "summary" not in record


HEAD = "Northwire / 3 min read.\nMarch 6, 2026\nskpo.example/Lr7x\n\nBy Ottoline Fenn"
CREDIT = next(row for row in PAGE.split("\n") if row.startswith("(Reporting"))


@pytest.mark.parametrize(
    ("marks", "byline", "names"),
    [
        ("By\nOttoline Fenn\nMarch 6, 2026", "By Ottoline Fenn", ["Ottoline Fenn"]),
        ("By\n\nOttoline Fenn @ottofenn\n\nMarch 6, 2026", "By Ottoline Fenn @ottofenn", ["Ottoline Fenn"]),
        ("March 6, 2026 by Ottoline Fenn", "by Ottoline Fenn", ["Ottoline Fenn"]),
        ("9:45 AM CET 6 March 2026 by Ottoline Fenn", "by Ottoline Fenn", ["Ottoline Fenn"]),
        ("March 6, 2026 Ottoline Fenn", "Ottoline Fenn", ["Ottoline Fenn"]),
        ("March 6, 2026\n\nOttoline Fenn@ottofenn", "Ottoline Fenn@ottofenn", ["Ottoline Fenn"]),
        (
            "By Ottoline Fenn, Executive Content Editor\nMarch 6, 2026",
            "By Ottoline Fenn, Executive Content Editor",
            ["Ottoline Fenn"],
        ),
        ("By Will Marrow\nMarch 6, 2026", "By Will Marrow", ["Will Marrow"]),
        ("March 6, 2026\n\nSkerry Daily Post", None, []),
        ("March 6, 2026\n\nExecutive Content Editor", None, []),
        ("March 6, 2026\n\nExclusive Details", None, []),
        ("March 6, 2026\n\nTilda Marrow", None, []),
        ("by Skerry Post Weekly 0 Comments\nMarch 6, 2026", None, []),
    ],
)
def test_a_byline_is_a_name_and_no_caption_outlet_or_role(marks, byline, names):
    record = parse_page(PAGE.replace(HEAD, marks).replace(CREDIT, ""), agencies=OWN).record
    assert [person["name"] for person in record.get("contributors", ())] == names
    assert record.get("byline") == byline
    assert record["published_at"][:10] == "2026-03-06"
    assert record["body"].startswith("LERWOLD")


@pytest.mark.parametrize(
    ("notice", "publisher"),
    [
        ("© 2026 St. Aske Courier-Dispatch, 9 North Quay, Aske | Terms", "St. Aske Courier-Dispatch"),
        ("Copyright 2026 © L.K. News & Island Report L.P.Terms & Conditions", "L.K. News & Island Report"),
        ("© Skerry Publishing Limited Tide House, The Quay, Lerwold. All rights reserved", "Skerry Publishing"),
        ("© 2026 Skerry News & Media Limited or its affiliated companies. All rights reserved", "Skerry News & Media"),
        ("© 2018 Copyright Skerry Media Pvt. Ltd.. All Rights reserved.", "Skerry Media"),
        ("© 2011-2026. Sky.News. All Rights Reserved. | Back to top", "Sky.News"),
        ("© 2000 - 2026 Al Merfa (www.almerfa.example)", "Al Merfa"),
        ("Copyright © sk360media 2026. All Rights Reserved", "sk360media"),
        ("Legal Notice Terms and Conditions © skerry magazine 2026", "skerry magazine"),
        ("© 2026 Küstenblatt GmbH & Co. KG. Alle Rechte vorbehalten", "Küstenblatt"),
        ("© Le Phare – Tous droits réservés", "Le Phare"),
        ("© 2009-2026 北海日報社 無断転載禁止", "北海日報社"),
        ("© Harbour WordPress Theme by TideDiv", None),
        ("© 2026", None),
    ],
)  # fmt: skip
def test_the_publisher_is_who_claims_the_copyright(notice, publisher):
    record = parse_page(PAGE.replace("Copyright © 2024 Skerry Post", notice), agencies=OWN).record
    assert record.get("publisher", {}).get("name") == publisher


def test_an_agency_before_the_date_wrote_the_article():
    page = PAGE.replace(HEAD, "Northwire March 6, 2026, 9:02 AM").replace("(Northwire) ", "")
    assert parse_page(page, agencies=OWN).record["agency"]["name"] == "Northwire"


@pytest.mark.parametrize(
    ("above", "day"),
    [("March 6, 2026 at 4:02 pm\nTweet\n", "2026-03-06"), ("Seven walks of March 6, 2026\nTweet\n", None)],
)
def test_a_date_a_little_above_the_headline_counts_if_the_line_is_nothing_else(above, day):
    page = PAGE.replace(HEAD, "").replace("Exclusive: Lerwold", f"{above}Lerwold")
    assert parse_page(page, agencies=OWN).record.get("published_at", "")[:10] == (day or "")


def test_the_name_of_the_site_is_no_part_of_the_headline():
    rows = [row.strip().removeprefix("• ") for row in PAGE.split("\n") if row.strip()]
    at = rows.index("Exclusive: Lerwold loses its lighthouse road – keeper")
    rows[at] = "Lerwold loses its lighthouse road – Skerry Post"
    assert parse_page("\n".join(rows), agencies=OWN).record["headline"] == "Lerwold loses its lighthouse road"


@pytest.mark.parametrize("mark", ["\x00", "\u200b", "\ufeff", "\u200f", "\x1f"])
def test_what_does_not_show_at_the_end_of_a_line_hides_no_sentence(mark):
    text = f"Lerwold loses its lighthouse road\n\n{ARTICLE}"
    record = parse_page(text.replace("\n\n", f"{mark}\n\n{mark}") + mark).record
    assert record["body"] == ARTICLE


def test_a_page_with_markup_or_direction_marks_in_its_headline_is_read_as_it_is():
    title = "<b>Lerwold</b> loses its &amp; \u202elighthouse\u202c road"
    assert parse_page(f"Home\n\n{title}\n\n{ARTICLE}\n").record["headline"] == title


@pytest.mark.parametrize("row", ["By Ottoline Fenn", "March 6, 2026 by Ottoline Fenn"])
def test_a_byline_or_a_date_is_no_headline(row):
    record = parse_page(f"Lerwold loses its lighthouse road\n\n{row}\n\n{row}\n\n{ARTICLE}\n").record
    assert record["headline"] == "Lerwold loses its lighthouse road"


BARE = """Harbour prizes go to the small boats

The regatta board has changed the rules of its search for the best crew, and nobody saw it coming.

Prizes went to six crews on Friday night, each of them with a boat of less than nine metres, the board said.

- Best start - the Tern, with Ada Holm at the helm
- Best repair at sea - the Minnow
- Best cook - Per Dahl of the Gannet

The winner of the cup sails for the continental title in June, when some forty crews will meet off Lerwold. To subscribe to \
the race the club paid twice what it paid last year, and it has no regrets about that
"""


def test_a_page_that_is_the_article_alone_is_read_whole():
    record = parse_page(BARE).record
    headline, _, rest = BARE.partition("\n")
    assert record["headline"] == headline
    assert record["body"].split("\n\n") == [line for line in rest.splitlines() if line]


def test_a_sentence_below_the_first_line_is_the_lead_and_not_the_headline():
    lead = "The winners of six prizes, named on Friday night, have crews with small boats and no money."
    record = parse_page(f"Crews rejoice\n\n{lead}\n\n{BARE.partition(chr(10))[2]}").record
    assert record["headline"] == "Crews rejoice"
    assert record["body"].startswith(lead)
