"""Relations of made-up wire copy: one case for each kind, in the scripts of the world."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import newsds
from newsds.texts import TEXTS_SCHEMA

START = datetime(2026, 3, 4, 8, tzinfo=UTC)
LEAD = "Two tugs pulled the grain carrier Osprey Dawn off a sand bank on Tuesday, nineteen hours after it ran aground. "
MORE = (
    "The ship had lost steering in the outer channel when a fuse blew on the bridge, Captain Ivo Lindqvist told the coast "
    "guard. Divers found scratches along 40 metres of hull but no leak. "
)
REST = (
    "The carrier will unload at Easter Quay before it is allowed to sail for Tollan. Pilots had asked for a second buoy "
    "since 2021, and the harbour board set aside 310,000 crowns for it last winter. "
)
STORY = LEAD + MORE + REST

SOLD = (
    "Halden Optics said it has completed the sale of its lens works, Compagnie Lumen of Marlpoint, to a group led by "
    "Northwire Capital of Tollan. It did not disclose the terms. The works employs 412 people and had sales of 31 mln."
)
SOLD_ANEW = (
    "Halden Optics sold its lens works, Compagnie Lumen of Marlpoint, to investors led by Northwire Capital of Tollan. "
    "Terms were not disclosed. The works employs 412 people, mostly from the valley, and had sales of 31 mln last year."
)


def compare(a, b, *, hours=3.0, headlines=(None, None), others=()):
    """Return the relation of two texts, and their cluster ids."""
    rows = [
        {"id": "a", "text": a, "published_at": START, "headline": headlines[0]},
        {"id": "b", "text": b, "published_at": START + timedelta(hours=hours), "headline": headlines[1]},
        *({"id": f"z{n}", "text": text, "published_at": START} for n, text in enumerate(others)),
    ]
    found = newsds.dedupe([pa.RecordBatch.from_pylist(rows, schema=TEXTS_SCHEMA)])
    pairs = {(row["a"], row["b"]): row for row in found.relations.to_pylist()}
    ids = found.clusters["cluster_id"].to_pylist()
    return pairs.get(("a", "b"), {"relation": None}), ids[0] == ids[1]


@pytest.mark.parametrize(
    ("kind", "a", "b"),
    [
        pytest.param("exact", STORY, STORY, id="the same text"),
        pytest.param("exact", STORY, STORY.replace(". ", ".\n\n"), id="other white space"),
        pytest.param("republication", STORY, STORY.replace(",", "").upper(), id="other case and commas"),
        pytest.param("republication", STORY, STORY.replace("grain", "wheat"), id="a word replaced"),
        pytest.param("republication", STORY, STORY.replace("steering", "steernig").replace("scratches", "scratchcs"), id="misread"),
        pytest.param("republication", STORY, "PORT HALDEN, March 4 (AP) - " + STORY + "\n(Reporting by Ann Reed)", id="dateline and credit line"),
        pytest.param("abridgement", STORY, LEAD + MORE, id="cut from the end"),
        pytest.param("extension", LEAD + MORE, STORY, id="longer later"),
    ],
)  # fmt: skip
def test_copies_are_named_and_share_a_cluster(kind, a, b):
    found, together = compare(a, b)
    assert (found["relation"], together) == (kind, True)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param(
            "Lanmark Lines said its board had declared a final dividend of 6.40 crowns per share, up from 5.90 crowns. "
            "It is payable on June 12 to shareholders of record on May 29.",
            "Halden Airports said its board had declared a final dividend of 2.15 crowns per share, up from 1.80 crowns. "
            "It is payable on June 5 to shareholders of record on May 22.",
            id="dividends of two companies",
        ),
        pytest.param(
            "The central bank lent 450 million crowns to lenders for 7 days at 3.25 percent on Monday, it said.",
            "The central bank lent 520 million crowns to lenders for 7 days at 3.50 percent on Tuesday, it said.",
            id="two bulletins",
        ),
    ],
)
def test_siblings_of_a_template_stay_apart(a, b):
    found, together = compare(a, b)
    assert not together
    assert found["relation"] in {"template_sibling", None}


def test_amounts_in_full_and_rounded_are_one():
    full = (
        "Shr 27 ore vs 29 ore. Net 13,555,000 vs 14,635,000. Revs 104,606,000 vs 110,311,000. Year shr 4.10 crowns vs 3.66 "
        "crowns. Net 226,653,000 vs 186,790,000. Note: the year before has a gain of four ore from the sale of Tollan Ropes."
    )
    rounded = (
        full.replace("13,555,000", "13.6 mln")
        .replace("14,635,000", "14.6 mln")
        .replace("104,606,000", "104.6 mln")
    )
    rounded = rounded.replace("four ore", "4 ore").replace("110,311,000", "110.3 mln")
    found, together = compare(full, rounded, headlines=("Halden Power year net", "Halden Power year net"))
    assert (found["relation"], together, found["number_conflicts"]) == ("republication", True, 0)
    other = rounded.replace("13.6 mln", "18.3 mln").replace("104.6 mln", "91.2 mln").replace("14.6", "11.9")
    assert not compare(full, other, headlines=("Halden Power year net", "Halden Power year net"))[1]


def test_a_story_sent_anew_soon_under_its_headline_is_the_same_article():
    headlines = ("Halden Optics completes sale of lens works", "Halden Optics sells lens works")
    assert compare(SOLD, SOLD_ANEW, hours=1, headlines=headlines)[0]["rule"] in {"sent-anew", "same-text"}
    assert not compare(SOLD, SOLD_ANEW, hours=100, headlines=headlines)[1]


def test_a_text_that_begins_with_its_headline_is_judged_like_one_with_a_headline():
    brief = "Hog prices opened 1.00 crown higher, private sources said. Top 51.50 crowns."
    assert not compare(f"TOLLAN HOGS UP 1.00\n{brief}", f"MARLPOINT HOGS UP 1.00\n{brief}")[1]
    found, together = compare(f"Ship freed\n\n{STORY}", f"Carrier pulled off sand bank\n\n{STORY}")
    assert (found["relation"], found["coverage_a"], together) == ("republication", 1.0, True)


@pytest.mark.parametrize("gap", [" ", "\n", "\n\n"])
def test_capitals_before_the_story_are_its_headline_wherever_the_line_ends(gap):
    brief = "Hog prices opened 1.00 crown higher, private sources said. Top 51.50 crowns."
    assert not compare(f"TOLLAN HOGS UP 1.00{gap}{brief}", f"MARLPOINT HOGS UP 1.00{gap}{brief}")[1]
    pair = (f"GRAIN SHIP FREED{gap}{STORY}", f"TUGS PULL CARRIER OFF BANK{gap}{STORY}")
    found, together = compare(*pair)
    assert (found["relation"], found["name_conflicts"], together) == ("republication", 0, True)


def test_capitals_of_every_alphabet_are_a_headline():
    story = (
        "Два буксира сняли с мели зерновоз «Утренняя заря» во вторник, через девятнадцать часов после аварии у острова. "
        "Капитан сообщил береговой охране, что судно потеряло управление во внешнем проливе, когда на мостике сгорел "
        "предохранитель. Водолазы нашли царапины на корпусе, но течи нет, и груз останется на борту до разгрузки."
    )
    found, together = compare(f"ЗЕРНОВОЗ СНЯТ С МЕЛИ {story}", f"БУКСИРЫ ПОМОГЛИ СУДНУ У ОСТРОВА {story}")
    assert (found["coverage_a"], found["coverage_b"], together) == (1.0, 1.0, True)


def test_where_all_is_in_capitals_they_make_no_names():
    reworded = STORY.replace("pulled", "towed").replace("ran aground", "got stuck").replace("lost", "had no")
    reworded = reworded.replace("told", "said to").replace("scratches", "marks").replace("before", "until")
    found, together = compare(STORY.upper(), reworded.upper())
    assert (found["relation"], together) == ("republication", True)
    notice = (
        "{} LINES SAID ITS BOARD HAS DECLARED A FINAL DIVIDEND OF 6.40 CROWNS A SHARE, PAYABLE ON JUNE 12."
    )
    assert not compare(notice.format("LANMARK"), notice.format("OSPREY"))[1]


def test_a_story_sent_anew_without_a_headline_keeps_most_of_its_rare_words():
    assert compare(SOLD, SOLD_ANEW, hours=1)[1]
    assert not compare(SOLD, SOLD_ANEW, hours=100)[1]


def test_a_story_cut_soon_in_other_words_is_an_abridgement_if_it_keeps_lead_names_and_numbers():
    longer = STORY + (
        "Salvage crews had waited for the morning tide, and the owners in Marlpoint will pay for the tugs, the pilot and the "
        "divers, a spokeswoman for the line said. Fishing boats kept clear while the hawsers were made fast and the "
        "hatches closed."
    )
    cut = (
        "Two tugs pulled the grain carrier Osprey Dawn off a sand bank on Tuesday, nineteen hours after it ran aground. "
        "Captain Ivo Lindqvist told the coast guard the ship had lost steering in the outer channel when a fuse blew. "
        "Divers saw scratches along 40 metres of hull but no leak. The harbour board set aside 310,000 crowns in winter."
    )
    found, together = compare(longer, cut, hours=2)
    assert (found["relation"], found["rule"], together) == ("abridgement", "shorter-anew", True)
    assert not compare(longer, cut.replace("310,000", "480,000"), hours=2)[1]
    assert not compare(longer, cut, hours=60)[1]


def test_a_brief_notice_sent_again_soon_in_other_words_keeps_its_figures():
    notices = (
        "Qtly div 31 ore vs 29 ore prior. Payable April 24. Record March 31.",
        "Div 31 ore vs 29 ore. Pay April 24. Record March 31.",
    )
    headlines = ("Lanmark Lines dividend", "Lanmark Lines sets dividend")
    assert compare(*notices, hours=1, headlines=headlines)[1]
    assert not compare(*notices, hours=30, headlines=headlines)[1]
    assert not compare(*notices, hours=1, headlines=("Lanmark Lines dividend", "Osprey Ropes sets dividend"))[
        1
    ]
    assert not compare(notices[0], notices[1].replace("31 ore", "33 ore"), hours=1, headlines=headlines)[1]


def test_another_figure_in_a_brief_notice_is_another_notice_unless_the_headline_is_the_same():
    notice = "Barrow and gilt prices rose 1.00 crown in active trade, the board said. Grades 1-3, {}-260 pounds, 51.00 to 51.50 crowns."
    pair = (notice.format(200), notice.format(220))
    assert not compare(*pair, hours=1)[1]
    assert compare(*pair, hours=1, headlines=("Tollan hogs up 1.00", "Tollan hogs up 1.00"))[1]


def test_one_is_a_number_where_the_other_text_has_one():
    full = STORY.replace("a second buoy", "buoy 1 back")
    found, together = compare(full, STORY.replace("a second buoy", "buoy one back"), hours=1)
    assert (found["coverage_a"], found["coverage_b"], together) == (1.0, 1.0, True)


def test_words_of_a_form_are_no_subjects():
    form = (
        "{} shr 27 ore vs 29 ore. Net 13,555,000 vs 14,635,000. Revs 104,606,000 vs 110,311,000. Year shr 4.10 crowns vs "
        "3.66 crowns. Net 226,653,000 vs 186,790,000. Note: the year before has a gain from the sale of Tollan Ropes."
    )
    others = [
        form.format(word).replace("27", str(n)) for n in range(60, 80) for word in ("Quarter", "Period")
    ]
    assert compare(form.format("Quarter"), form.format("Period"), hours=1, others=others)[1]


def test_lists_of_figures_under_titles_of_other_hours_stay_apart():
    figures = "\n".join(f"week {n} 6-{n}/16 3-{n}/16" for n in range(3, 15))
    assert not compare(
        f"TOLLAN DEPOSIT RATES 1100 - APRIL 7\n{figures}",
        f"TOLLAN DEPOSIT RATES CLOSING - APRIL 7\n{figures}",
    )[1]
    assert compare(
        f"TOLLAN DEPOSIT RATES 1100 - APRIL 7\n{figures}",
        f"TOLLAN DEPOSIT RATES 1100 - APRIL 7\n{figures}\nend",
    )[1]


def test_two_firms_that_announce_the_same_under_their_own_headlines_stay_apart():
    notice = (
        " said it raised the contract price it pays for rye by 50 cents a sack, effective today. The increase brings its "
        "posted price for the eastern grade to 17.50 crowns a sack and for the western grade to 17.85 crowns. The mill last "
        "changed its postings on March 4, when a thaw had closed the roads to both depots."
    )
    found, together = compare(
        f"Tollan Mills{notice}",
        f"Halden Milling{notice}",
        headlines=("Tollan Mills raises rye postings", "Halden Milling raises rye postings"),
    )
    assert not together
    assert found["relation"] in {"template_sibling", "update"}


def test_a_bulletin_of_another_day_is_a_copy_only_word_for_word():
    bulletin = "There were five grain ships loading and three ships were waiting to load at Easter Quay, the harbour board said."
    changed = bulletin.replace("waiting", "queueing")
    assert not compare(bulletin, bulletin.replace("three", "six"), hours=3)[1]
    assert compare(bulletin, changed, hours=3)[1]
    assert not compare(bulletin, changed, hours=30)[1]
    assert compare(bulletin, bulletin, hours=30)[1]
    assert compare(bulletin, changed, hours=30, headlines=("Ships loading", "RPT-Ships loading"))[1]


def test_a_list_of_figures_with_several_new_ones_is_another_list():
    figures = [round(1.17 * n + 2, 2) for n in range(4, 34)]
    first = "Average prices through April 6 in crowns, by mill: " + ", ".join(
        f"mill {place} {price}"
        for place, price in zip("abcdefghijklmnopqrstuvwxyzåäöø", figures, strict=True)
    )
    second = first
    for price in figures[::6]:
        second = second.replace(f" {price}", f" {price + 0.05:.2f}")
    found, together = compare(first, second, headlines=("Average prices", "Average prices"))
    assert (found["relation"], together) == ("update", False)


def test_equal_briefs_under_headlines_about_different_places_stay_apart():
    brief = "Hog prices opened 1.00 crown higher, private sources said. Top 51.50 crowns."
    found, together = compare(brief, brief, headlines=("Tollan hogs up 1.00", "Marlpoint hogs up 1.00"))
    assert (found["relation"], together) == ("template_sibling", False)
    assert compare(brief, brief, headlines=("Hogs up", "Hogs up"))[1]


def test_a_short_story_under_a_reworded_headline_is_the_same_one():
    short = "Two tugs pulled the grain carrier Osprey Dawn off a sand bank near Tollan on Tuesday after it ran aground in fog."
    headlines = ("Grain carrier pulled off bank", "Tugs free carrier near Tollan")
    found, together = compare(short, short, headlines=headlines)
    assert (found["relation"], together) == ("exact", True)
    other = short.replace("Osprey Dawn", "Lanmark Star")
    assert not compare(short, other, headlines=headlines)[1]


def test_a_corrected_figure_is_a_correction_that_supersedes():
    wrong = STORY.replace("310,000", "130,000")
    found, together = compare(wrong, STORY, headlines=("Ship freed", "CORRECTED-Ship freed"))
    assert (found["relation"], found["is_directed"], together) == ("correction", True, True)
    assert (found["only_a"], found["only_b"]) == (["130,000"], ["310,000"])


def test_the_same_text_weeks_later_is_recurring():
    found, together = compare(STORY, STORY, hours=24 * 30)
    assert (found["relation"], together) == ("recurring", False)


def test_an_item_inside_a_digest_is_no_copy_of_it():
    other = "Voters in Marlpoint go to the polls on Sunday to choose a mayor among five candidates, two of them bakers. "
    third = (
        "The museum of salt reopens in May with a new roof, paid for by a lottery that ran for eleven years. "
    )
    found, together = compare(
        LEAD + MORE, other * 1 + third + other.replace("Marlpoint", "Tollan") + third + LEAD + MORE + third
    )
    assert not together
    assert found["relation"] in {"digest", "excerpt", "update"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("二隻の曳船が火曜日、座礁から十九時間後に穀物船オスプレイ・ドーン号を砂州から引き出したと港湾当局が発表した。負傷者はいなかった。", id="Japanese"),
        pytest.param("两艘拖船周二将搁浅十九小时的运粮船拖离沙洲，港务局说无人受伤。船长告诉海岸警卫队，驾驶台保险丝烧断导致失去操控。", id="Chinese"),
        pytest.param("เรือลากจูงสองลำดึงเรือบรรทุกธัญพืชออกจากสันทรายเมื่อวันอังคาร สิบเก้าชั่วโมงหลังจากเกยตื้น ไม่มีผู้ได้รับบาดเจ็บ", id="Thai"),
        pytest.param("سحبت قاطرتان سفينة الحبوب من الضفة الرملية يوم الثلاثاء بعد تسع عشرة ساعة من جنوحها ولم يصب أحد بأذى وقال القبطان إن العطل كان في الدفة", id="Arabic"),
        pytest.param("Zwei Schlepper zogen den Getreidefrachter am Dienstag von einer Sandbank, neunzehn Stunden nachdem er auf Grund gelaufen war; verletzt wurde niemand, hieß es.", id="German"),
    ],
)  # fmt: skip
def test_copies_are_found_in_every_script(text):
    assert compare(text, text)[0]["relation"] == "exact"
    assert compare(text, text + " 🚢")[1]
    reversed_words = text[len(text) // 2 :] + " — " + text[::-1]
    assert not compare(text[: len(text) // 2], reversed_words)[1]


def test_many_copies_of_one_story_do_not_look_like_a_template():
    rows = [
        {
            "id": f"c{n:03}",
            "text": f"{STORY} Read more in the {chr(97 + n % 26) * 4} {chr(97 + n % 23) * 5} edition.",
            "published_at": START + timedelta(minutes=7 * n),
            "publisher": f"Paper {n}",
        }
        for n in range(200)
    ]
    found = newsds.dedupe([pa.RecordBatch.from_pylist(rows, schema=TEXTS_SCHEMA)])
    assert found.summary()["largest_cluster"] >= 195


def test_words_that_a_publisher_sets_round_every_text_join_nothing():
    words = (
        "Subscribe to our letter and read what the coast talks about, every morning at six, free for thirty days. "
        * 2
    )
    rows = [
        {
            "id": f"p{n:03}",
            "text": f"{words}{' '.join(f'word{n}x{k}' for k in range(40))}. {words}",
            "published_at": START + timedelta(days=n % 15, minutes=n),
            "publisher": "The Coast",
        }
        for n in range(60)
    ]
    found = newsds.dedupe([pa.RecordBatch.from_pylist(rows, schema=TEXTS_SCHEMA)])
    assert found.summary()["largest_cluster"] == 1


MOULD = (
    "Underwriters may ask for a further tenth of the issue until the payment date, which is the last day of the month, and the "
    "paper will be listed on the exchange of Tollan in pieces of five thousand crowns each, with interest paid once a year. "
)
ISSUES = (
    (
        "Haldbank of Tollan is issuing 100 mln crowns of bonds due 2033 at par through Norrin Securities, said Haldbank. Last year "
        "the bank sold half as much to pay for branches in the north. "
    ),
    (
        "Ostmark Chemical Works is raising 75 mln crowns with notes that mature in 2031, Ostmark said; Calder Brothers manages the "
        "sale at 99-1/2. It wants to build a second furnace and to repay a loan. "
    ),
)


def test_what_two_firms_say_in_one_mould_is_no_update():
    headlines = ("HALDBANK ISSUES BONDS", "OSTMARK RAISES 75 MLN CROWNS")
    found, together = compare(ISSUES[0] + MOULD, ISSUES[1] + MOULD, headlines=headlines)
    assert (found["relation"], together) == ("template_sibling", False)


@pytest.mark.parametrize("escape", [str, lambda tag: tag.replace("<", "&lt;").replace(">", "&gt;")])
def test_tags_that_stand_in_texts_join_nothing(escape):
    tags = escape(
        '<font face="Halden Sans,Tollan Serif,arial,helvetica" size="-2" color="#667788">'
        '<a href="http://quotes.example/full?ticker=HALO.T&target=/stocks/quick/full"><b>'
    )
    end = escape("</b></a></font>")
    first = "Halden Optics moved its lens works to Marlpoint, where rents are lower and a railway is near, its board said in a letter on Friday."
    other = (
        "A ferry between Tollan and the islands was late by an hour because of fog, and nobody complained."
    )
    assert compare(first + tags + "Ann" + end, other + tags + "Ann" + end, hours=1) == (
        {"relation": None},
        False,
    )
    assert compare(first + tags + "Ann" + end, first, hours=1)[1]


def test_other_figures_under_one_headline_a_day_later_are_no_update():
    sale = "The board of the Tollan exchange sold {} tonnes of sugar in store at {} crowns, after {} tonnes last week. Bids came from {}. "
    texts = (
        sale.format("24,000", 431, "31,500", "Haldbank, two refiners and a trader of the south coast"),
        sale.format(
            "12,750", 398, "24,000", "nobody but the harbour mill, for the third time in this campaign"
        ),
    )
    headlines = ("TOLLAN EXCHANGE SELLS SUGAR", "TOLLAN EXCHANGE SELLS SUGAR")
    later, _ = compare(*(text + MOULD for text in texts), headlines=headlines, hours=48)
    assert later["relation"] == "template_sibling"


def test_a_story_told_on_with_a_part_of_it_again_is_an_update():
    told_on = "The Osprey Dawn left Port Halden on Thursday with a new rudder and a pilot aboard. Two tugs waited outside. "
    found, together = compare(STORY, told_on + MORE + told_on.lower(), hours=30)
    assert (found["relation"], together) == ("update", False)


def test_one_figure_changed_in_an_otherwise_equal_text_is_a_correction_however_many_figures_there_are():
    long = (
        STORY
        + "Of 14 tugs 9 were at sea, and the next tide was due at 6 in the evening, 20 minutes after sunset. "
    )
    row, are_one = compare(long, long.replace("310,000", "130,000"))
    assert (row["relation"], row["rule"], are_one) == ("correction", "one-figure-changed", True)


def test_a_passage_of_another_story_is_an_excerpt_and_no_mould():
    farmers = (
        "Farmers in the Orrin valley began the harvest of grapes early after the hottest summer in decades. Chairman "
        "Paul Dreyer of the cooperative said that he had never measured so much sugar. Prices fell on Monday. "
    )
    row, are_one = compare(STORY, farmers + MORE)
    assert (row["relation"], are_one) == ("excerpt", False)


def test_spans_are_shared_passages_at_the_same_words_in_both_texts():
    a = f"🚢 They said pilots warned first the buoy was lost in the ice of a long winter. {MORE}"
    b = f"  Straße\r\nNobody said sugar levels were the cause why prices of grapes fell on Monday. {MORE}{LEAD}"
    row, _ = compare(a, b)
    (span,) = row["spans"]
    assert a[span["a_start"] : span["a_end"]] == b[span["b_start"] : span["b_end"]] == MORE.strip(". ")
