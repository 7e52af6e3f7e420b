"""Conflicts and copies in scripts that have no capitals, no spaces, or digits of their own."""

import pytest

from dedup.test_relations import compare

#: A notice with places for the company and the amount.
NOTICES = {
    "Arabic": (
        "قالت شركة {} إن مجلس إدارتها أعلن توزيع أرباح فصلية قدرها {} سنتا للسهم تدفع في 15 أبريل للمساهمين المسجلين في 31 مارس. "
        "وتدفع الشركة التي تصنع قطع الآلات أرباحا دون انقطاع منذ عام 1962 ولديها عمال في ثلاثة مصانع."
    ),
    "Chinese": (
        "{}表示,董事会宣布派发每股{}分的季度股息,将于4月15日支付给3月31日登记在册的股东。该公司生产机械零件,自1962年以来从未间断派息,"
        "在三家工厂雇有员工。"
    ),
    "German": (
        "{} teilte mit, der Vorstand habe eine Quartalsdividende von {} Cent je Aktie beschlossen, zahlbar am 15. April an die "
        "am 31. März eingetragenen Aktionäre. Das Unternehmen, das Maschinenteile herstellt, zahlt seit 1962 ohne "
        "Unterbrechung Dividenden und beschäftigt Menschen an drei Standorten."
    ),
    "Hindi": (
        "{} ने कहा कि उसके निदेशक मंडल ने प्रति शेयर {} सेंट के तिमाही लाभांश की घोषणा की है, जो 31 मार्च को पंजीकृत शेयरधारकों "
        "को 15 अप्रैल को दिया जाएगा। मशीन के पुर्जे बनाने वाली कंपनी 1962 से बिना रुके लाभांश दे रही है और तीन कारखानों में "
        "लोगों को रोजगार देती है।"
    ),
    "Japanese": (
        "{}は、取締役会が1株当たり{}セントの四半期配当を決議し、3月31日時点の株主に4月15日に支払うと発表した。同社は機械部品を製造し、"
        "1962年から途切れることなく配当を支払っており、三つの工場で従業員を雇用している。"
    ),
    "Korean": (
        "{}는 이사회가 주당 {}센트의 분기 배당을 결의했으며 3월 31일 등록된 주주에게 4월 15일 지급한다고 밝혔다. 기계 부품을 만드는 "
        "이 회사는 1962년부터 중단 없이 배당을 지급해 왔으며 세 개 공장에서 직원을 고용하고 있다."
    ),
    "Russian": (
        "Компания {} сообщила, что совет директоров объявил квартальный дивиденд в размере {} центов на акцию с выплатой "
        "15 апреля акционерам, зарегистрированным на 31 марта. Компания, выпускающая детали машин, платит дивиденды без "
        "перерыва с 1962 года и имеет работников на трёх заводах."
    ),
    "Thai": (
        "{} แจ้งว่าคณะกรรมการประกาศจ่ายเงินปันผลรายไตรมาส {} เซนต์ต่อหุ้น กำหนดจ่ายวันที่ 15 เมษายน ให้แก่ผู้ถือหุ้นที่มีชื่อ ณ วันที่ "
        "31 มีนาคม บริษัทซึ่งผลิตชิ้นส่วนเครื่องจักรจ่ายเงินปันผลต่อเนื่องมาตั้งแต่ปี 1962 และมีพนักงานในโรงงานสามแห่ง"
    ),
}
#: Two companies.
FIRMS = {
    "Arabic": ("براندت للأدوات", "أوسترافا للصلب"),
    "Chinese": ("布兰特工具公司", "奥斯特拉瓦钢铁公司"),
    "German": ("Brandt Werkzeuge AG", "Ostrauer Stahl GmbH"),
    "Hindi": ("ब्रांट टूल्स", "ओस्त्रावा स्टील"),
    "Japanese": ("ブラント工具", "オストラバ製鉄"),
    "Korean": ("브란트 공구", "오스트라바 제철"),
    "Russian": ("Брандт Инструмент", "Острава Сталь"),
    "Thai": ("บริษัทแบรนต์ทูลส์", "บริษัทออสตราวาเหล็กกล้า"),
}
SCRIPTS = pytest.mark.parametrize("script", NOTICES)


@SCRIPTS
@pytest.mark.parametrize("headlines", [(None, None), ("{} 12", "{} 12")], ids=["no headline", "headlines"])
def test_notices_of_two_companies_are_siblings_in_every_script(script, headlines):
    notice, firms = NOTICES[script], FIRMS[script]
    titles = tuple(line and line.format(firm) for line, firm in zip(headlines, firms, strict=True))
    row, are_one = compare(*(notice.format(firm, 12) for firm in firms), hours=6, headlines=titles)
    assert (row["relation"], are_one) == ("template_sibling", False)


@SCRIPTS
def test_a_notice_with_words_round_it_is_a_copy_in_every_script(script):
    text = NOTICES[script].format(FIRMS[script][0], 12)
    row, are_one = compare(text, f"{text}\n\n© 2026")
    assert (row["relation"], are_one) == ("republication", True)


@pytest.mark.parametrize(
    ("script", "verbs"),
    [
        ("Arabic", ("قالت", "أعلنت")),
        ("Chinese", ("表示", "指出")),
        ("Hindi", ("कहा", "बताया")),
        ("Thai", ("แจ้ง", "กล่าว")),
    ],
)
def test_another_verb_in_the_first_words_is_no_other_subject(script, verbs):
    text = NOTICES[script].format(FIRMS[script][0], 12)
    row, are_one = compare(text, text.replace(*verbs, 1))
    assert (row["relation"], are_one) == ("republication", True)


@pytest.mark.parametrize(
    ("script", "digits"),
    [("Arabic", "٠١٢٣٤٥٦٧٨٩"), ("Hindi", "०१२३४५६७८९"), ("Japanese", "０１２３４５６７８９")],
)
def test_digits_of_every_script_are_numbers_and_one_of_them_is_another_number(script, digits):
    notice, firm = NOTICES[script], FIRMS[script][0]
    own = [
        notice.format(firm, amount).translate(str.maketrans("0123456789", digits)) for amount in (124, 125)
    ]
    assert compare(notice.format(firm, 124), own[0])[0]["number_conflicts"] == 0
    row, _ = compare(*own)
    assert row["number_conflicts"] == 1
    assert row["n_misread"] == 0
    assert [
        text.translate(str.maketrans(digits, "0123456789")) for text in row["only_a"] + row["only_b"]
    ] == [
        "124",
        "125",
    ]


@pytest.mark.parametrize(("a", "b"), [("45일", "46일"), ("2018년부터", "2019년부터"), ("12th", "13th")])
def test_a_number_with_letters_after_it_is_not_misread_for_another(a, b):
    text = "The harbour board of Tollan met for the {} session and set aside money for a second buoy in the channel."
    row, _ = compare(text.format(a), text.format(b))
    assert (row["n_misread"], row["number_conflicts"]) == (0, 1)
    assert row["only_a"] + row["only_b"] == [a, b]


@pytest.mark.parametrize("script", ["Hindi", "Thai", "Arabic"])
def test_the_first_sentence_of_a_story_is_no_headline_in_any_script(script):
    notice, firm = NOTICES[script], FIRMS[script][0]
    lead, _, rest = notice.format(firm, 312).partition(
        {"Hindi": "। ", "Thai": " ให้แก่", "Arabic": ". "}[script]
    )
    end = {"Hindi": "।", "Thai": "", "Arabic": "."}[script]
    text = f"{lead}{end}\n\n{rest}\n\n{rest[::-1]}"
    row, _ = compare(text, text.replace("312", "213"))
    assert (row["number_conflicts"], row["only_a"], row["only_b"]) == (1, ["312"], ["213"])
