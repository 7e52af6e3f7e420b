"""The grammar of wire copy, on lines written for these tests."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsds.wire import (
    AGENCIES,
    Agency,
    Instrument,
    find_agency,
    find_instruments,
    parse_byline,
    parse_credit_line,
    parse_dateline,
    parse_signals,
    take_signals_off,
)

OWN = (
    *AGENCIES,
    Agency(code="northwire", name="Northwire"),
    Agency(code="kd", name="Küstendienst"),
    Agency(code="littoral", name="Agence Littoral", aliases=("AL",)),
)


@pytest.mark.parametrize(
    ("text", "places", "code", "date"),
    [
        ("OSLO (Reuters) - A ferry sank.", ("OSLO",), "reuters", None),
        ("OSLO/BERGEN, May 4 (Reuters) - A ferry sank.", ("OSLO", "BERGEN"), "reuters", "May 4"),
        ("May 4 (Reuters) - A ferry sank.", (), "reuters", "May 4"),
        ("(Reuters) - A ferry sank.", (), "reuters", None),
        ("REUTERS - A ferry sank.", (), "reuters", None),
        ("OSLO (Reuters) A ferry sank.", ("OSLO",), "reuters", None),
        ("DULUTH, Minn. (AP) — A ferry sank.", ("DULUTH, Minn.",), "ap", None),
        ("Saint-Malo (AFP) - Un bac a coulé.", ("Saint-Malo",), "afp", None),
        ("OSTENDE, 4 mai 2026 (AFP) - Un bac a coulé.", ("OSTENDE",), "afp", "4 mai 2026"),
        ("(Bloomberg) -- A ferry sank.", (), "bloomberg", None),
        ("QINGDAO, May 4 (Xinhua) -- A ferry sank.", ("QINGDAO",), "xinhua", "May 4"),
        ("ODESSA, May 4. /TASS/. A ferry sank.", ("ODESSA",), "tass", "May 4"),
        ("Vigo, 4 may (EFE).- Un barco", ("Vigo",), "efe", "4 may"),
        ("(ANSA) - GENOVA, 4 MAG - Un traghetto", ("GENOVA",), "ansa", "4 MAG"),
        ("GENOVA, 4 MAG (ANSA) - Un traghetto", ("GENOVA",), "ansa", "4 MAG"),
        ("Emden (dpa) - Eine Fähre", ("Emden",), "dpa", None),
        ("TAMPA, Fla., May 4, 2026 /PRNewswire/ -- Acme", ("TAMPA, Fla.",), "prnewswire", "May 4, 2026"),
        ("TAMPA--(BUSINESS WIRE)--Acme", ("TAMPA",), "businesswire", None),
        ("HALIFAX, May 4, 2026 (GLOBE NEWSWIRE) -- Acme", ("HALIFAX",), "globenewswire", "May 4, 2026"),
        ("MOSCOW, May 4 - Interfax. A ferry sank.", ("MOSCOW",), "interfax", "May 4"),
        ("PORT HALDEN, March 4 (Northwire) – A ferry", ("PORT HALDEN",), "northwire", "March 4"),
        ("Siel am Watt (kd) - Eine Fähre", ("Siel am Watt",), "kd", None),
        ("VALBRUNE (AL) - Un bac", ("VALBRUNE",), "littoral", None),
        ("NEW YORK (Dockside) - A ferry sank.", ("NEW YORK",), None, None),
        ("TRONDHEIM -- A ferry sank.", ("TRONDHEIM",), None, None),
        ("MOMBASA, Kenya - A ferry sank.", ("MOMBASA, Kenya",), None, None),
        ("PUTRAJAYA, May 4 — A ferry sank.", ("PUTRAJAYA",), None, "May 4"),
        ("KOCHI: A ferry sank.", ("KOCHI",), None, None),
        ("Hamburg. Die Fähre sank.", ("Hamburg",), None, None),
        ("Toronto, May 4 - A ferry sank.", ("Toronto",), None, "May 4"),
    ],
)
def test_datelines_are_taken_apart(text, places, code, date):
    found = parse_dateline(text, agencies=OWN)
    assert (found.places, found.agency_code, found.date) == (places, code, date)
    assert text.startswith(found.raw)


@pytest.mark.parametrize(
    ("text", "places", "code", "by", "rest"),
    [
        ("新华社青岛5月4日电（记者王甲、李乙）渡轮", ("青岛",), "xinhua", ("王甲", "李乙"), "渡轮"),
        ("(부산=연합뉴스) 김가나 박다라 기자 = 여객선", ("부산",), "yonhap", ("김가나", "박다라"), "여객선"),
        ("【神戸共同】フェリー", ("神戸",), "kyodo", (), "フェリー"),
        ("【釜山＝山田太郎】フェリー", ("釜山",), None, ("山田太郎",), "フェリー"),
    ],
)
def test_east_asian_datelines_name_reporters(text, places, code, by, rest):
    found = parse_dateline(text)
    assert (found.places, found.agency_code, found.by, text[found.end :]) == (places, code, by, rest)


@pytest.mark.parametrize(
    "text",
    [
        "Atlantic Ferry Partners (AFP) - the owner",
        "Royal Harbour Inspectorate (RHI) - the agency",
        "Emden (dfp) - Eine Satire",
        "DEAR READERS: we moved",
        "CLAIM: The ferry sank twice",
        "HARBOUR RAGE: pilots accuse dockers",
        "BREAKING — the ferry sank",
        "Exclusive: the ferry sank",
        "Norwegen: Eine Fähre sank",
        "Q&A - what you need to know",
        "Pros: quiet engine; wide seats",
        "The ferry (Reuters) - sank",
        "Sunday, May 4 - A day on the ferry",
        "Opening Night, May 4 - The ferry sinks",
        "A plain sentence about Oslo - and Bergen.",
        "",
    ],
)
def test_what_only_looks_like_a_dateline_is_none(text):
    assert parse_dateline(text) is None


def test_a_dateline_ends_where_the_text_begins_and_fits_the_schema():
    found = parse_dateline("HALIFAX (Reuters) – Snow fell.")
    assert "HALIFAX (Reuters) – Snow fell."[found.end :] == "Snow fell."
    assert found.to_dict() == {
        "raw": "HALIFAX (Reuters) –",
        "places": ["HALIFAX"],
        "country": None,
        "agency": "Reuters",
        "date": None,
    }


@pytest.mark.parametrize(
    ("line", "names", "agency"),
    [
        ("By Lena Orsted", ("Lena Orsted",), None),
        ("by Lena Orsted, Harbour Reporter", ("Lena Orsted",), None),
        ("ByLena Orsted", ("Lena Orsted",), None),
        ("By Lena Orsted March 4, 2026", ("Lena Orsted",), None),
        ("By Lena Orsted Harbour News", ("Lena Orsted",), None),
        ("By Lena Orsted and Rafe Tolliday in BRENHAFEN", ("Lena Orsted", "Rafe Tolliday"), None),
        (
            "By LENA ORSTED, RAFE TOLLIDAY and INES MARKWELL",
            ("LENA ORSTED", "RAFE TOLLIDAY", "INES MARKWELL"),
            None,
        ),
        ("By Lena Orsted, Political Editor", ("Lena Orsted",), None),
        ("By Lena Orsted, Reuters", ("Lena Orsted",), "Reuters"),
        ("By Lena Orsted | AP", ("Lena Orsted",), "AP"),
        ("By Reuters", (), "Reuters"),
        ("By Lena Orsted - Harbour Writer 4 March 2026", ("Lena Orsted",), None),
        (
            "Von Jan-Peter Müller und Antje van der Boom, Küstendienst",
            ("Jan-Peter Müller", "Antje van der Boom"),
            "Küstendienst",
        ),
        ("Par Gwenn Lestivel et Bastien d'Aune", ("Gwenn Lestivel", "Bastien d'Aune"), None),
        ("Por Ana García", ("Ana García",), None),
        ("Di Mario Rossi", ("Mario Rossi",), None),
        ("Autor: Hans Meier", ("Hans Meier",), None),
    ],
)
def test_bylines_give_clean_names(line, names, agency):
    found = parse_byline(line, agencies=OWN)
    assert (found.names, found.agency, found.raw) == (names, agency, line)


@pytest.mark.parametrize(
    "line",
    [
        "By contrast, sales fell.",
        "By Monday, the storm had gone",
        "By The Numbers",
        "By Popular Demand",
        "by the harbour",
        "Von der Brücke Gestürzt",
        "Di Marzo attacca il governo",
        "Par exemple, le bac",
        "By",
        "",
    ],
)
def test_a_line_that_opens_like_a_byline_need_not_be_one(line):
    assert parse_byline(line) is None


@pytest.mark.parametrize(
    ("line", "people"),
    [
        (
            "(Reporting by Ann Reed; Additional reporting by Bo Low in Tollan; Editing by Cy Orr and Di Fay)",
            [
                ("Ann Reed", "reporter", None),
                ("Bo Low", "additional_reporting", "Tollan"),
                ("Cy Orr", "editor", None),
                ("Di Fay", "editor", None),
            ],
        ),
        (
            "Reporting by Ann Reed, additional reporting by Bo Low, editing by Cy Orr",
            [
                ("Ann Reed", "reporter", None),
                ("Bo Low", "additional_reporting", None),
                ("Cy Orr", "editor", None),
            ],
        ),
        (
            "(Additonal reporting by Ann Reed/Bo Low; Writing By Cy Orr)",
            [
                ("Ann Reed", "additional_reporting", None),
                ("Bo Low", "additional_reporting", None),
                ("Cy Orr", "writer", None),
            ],
        ),
        (
            "(Reporting by Ann Reed in Skerry, Bo Low and Cy Orr in New Tollan)",
            [
                ("Ann Reed", "reporter", "Skerry"),
                ("Bo Low", "reporter", "New Tollan"),
                ("Cy Orr", "reporter", "New Tollan"),
            ],
        ),
        (
            "(Reporting and writing by Ann Reed)",
            [("Ann Reed", "reporter", None), ("Ann Reed", "writer", None)],
        ),
        (
            "(Bericht von Ann Reed, Mitarbeit von Bo Low in Siel am Watt; Redaktion: Cy Orr)",
            [
                ("Ann Reed", "reporter", None),
                ("Bo Low", "additional_reporting", "Siel am Watt"),
                ("Cy Orr", "editor", None),
            ],
        ),
        (
            "(Reportage d’Orvelle de Ann Reed)",
            None,
        ),
        (
            "(Reportage de Ann Reed, avec Bo Low à Castel-sur-Aune ; édité par Cy Orr)",
            [
                ("Ann Reed", "reporter", None),
                ("Bo Low", "additional_reporting", "Castel-sur-Aune"),
                ("Cy Orr", "editor", None),
            ],
        ),
        (
            "(Reporte de Ana Ruiz; editado por Luis Mora)",
            [("Ana Ruiz", "reporter", None), ("Luis Mora", "editor", None)],
        ),
        (
            "Staff writer Ann Reed in Tollan contributed to this report.",
            [("Ann Reed", "additional_reporting", "Tollan")],
        ),
        ("Reporting by the union showed that nobody had slept.", None),
        ("Editing by hand is slow, and he liked it.", None),
        ("The Reporting by Ann Reed was praised.", None),
        ("", None),
    ],
)
def test_credit_lines_give_people_roles_and_places(line, people):
    found = parse_credit_line(line)
    assert (found and [(person.name, person.role, person.location) for person in found]) == people


def test_securities_are_found_once_and_markup_is_none():
    text = (
        "Acme <ACME.N> <b>rose</b>, Acme <ACME.N> fell, "
        "Bolt (NASDAQ: BLT; TSX: BLT.A) and <EUR=> stood. ISIN DE0001234567"
    )
    assert find_instruments(text) == (
        Instrument(symbol="ACME.N", scheme="ric"),
        Instrument(symbol="BLT", scheme="ticker", exchange="NASDAQ"),
        Instrument(symbol="BLT.A", scheme="ticker", exchange="TSX"),
        Instrument(symbol="EUR=", scheme="ric"),
        Instrument(symbol="DE0001234567", scheme="isin"),
    )


@pytest.mark.parametrize(
    ("headline", "signals"),
    [
        ("UPDATE 2-Ferry sinks off Skerry", ("update",)),
        ("RPT-UPDATE 1-Ferry sinks", ("repeat", "update")),
        ("CORRECTED-Ferry sinks", ("correction",)),
        ("CORRECTED (OFFICIAL)-Ferry sinks", ("correction",)),
        ("Correction: Ferry story", ("correction",)),
        ("Ferry sinks (Corrected)", ("correction",)),
        ("KORREKTUR: Fähre sinkt", ("correction",)),
        ("RECTIFICATIF: Un bac coule", ("correction",)),
        ("REFILE-Ferry sinks", ("refile",)),
        ("WRAPUP 3-Ferry sinks", ("wrapup",)),
        ("KILL: Ferry sinks", ("kill",)),
        ("WITHDRAWN: Ferry sinks", ("kill",)),
        ("CLARIFICATION: Ferry sinks", ("clarification",)),
        ("渡轮沉没（更正）", ("correction",)),
        ("フェリー沈没【更新】", ("update",)),
        ("KILL switch stops ferry", ()),
        ("Update your phone before boarding", ()),
        ("UPDATE your phone before boarding", ()),
        ("Corrected course: ferry turns back", ()),
        ("Repeat offender jailed", ()),
    ],
)
def test_signals_are_words_set_off_from_the_headline(headline, signals):
    assert parse_signals(headline) == signals


@pytest.mark.parametrize(
    "marked",
    [
        "{}", "UPDATE 2-{}", "RPT-UPDATE 1-{}", "CORRECTED (OFFICIAL)-{}", "Correction: {}", "{} (Corrected)", "KILL: {}",
        "UPDATE 1-{} [Korrektur]", "ИСПРАВЛЕНИЕ: {}", "更正：{}", "【重发】{}", "{}（更正）", "تصحيح: {}",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "headline", ["Ferry sinks off Skerry", "渡轮沉没", "KILL switch stops ferry", "Repeat (again)"]
)
def test_signals_are_taken_off_and_nothing_else(marked, headline):
    assert take_signals_off(marked.format(headline)) == headline


def test_a_headline_that_is_all_signal_stays():
    assert take_signals_off("KILL: ") == "KILL: "


def test_agencies_are_many_and_their_codes_unique():
    codes = [agency.code for agency in AGENCIES]
    assert len(codes) == len(set(codes)) >= 30


@pytest.mark.parametrize(
    ("written", "code"), [("BUSINESS WIRE", "businesswire"), ("AP", "ap"), ("Pa", None), ("連合", None)]
)
def test_short_names_are_compared_with_their_case(written, code):
    found = find_agency(written)
    assert (found and found.code) == code


@given(st.text(max_size=400))
def test_no_text_is_too_strange_for_the_grammar(text):
    parse_dateline(text, agencies=OWN)
    parse_byline(text)
    parse_credit_line(text)
    parse_signals(text)
    assert not text.strip() or take_signals_off(text).strip()
    find_instruments(text)


@pytest.mark.parametrize(
    "unit", ["A", " ", "(", "By A B, ", "Reporting by ", "NYSE: A, ", "<A.", "(a=", "A/", "1 May "]
)
def test_long_hostile_lines_take_no_time(unit):
    text = unit * (100_000 // len(unit))
    start = time.process_time()
    for parse in (
        parse_dateline,
        parse_byline,
        parse_credit_line,
        parse_signals,
        take_signals_off,
        find_instruments,
    ):
        parse(text)
        parse("(" + text[:1400])
    assert time.process_time() - start < 1.0


def test_an_exchange_named_again_is_no_symbol():
    found = find_instruments(
        "Keel (NASDAQ:KELA,NASDAQ:KELB) and Mast (NYSE: MST.A, NYSE: MST.B), (NYSE: AAA, BBB)"
    )
    assert [item.symbol for item in found] == ["KELA", "KELB", "MST.A", "MST.B", "AAA", "BBB"]
