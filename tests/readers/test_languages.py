"""Pages in other languages: dates, bylines, agencies, publishers, and what is none of the article."""

import pytest

from newsds.dates import find_date, parse_date
from newsds.readers.page import parse_page

PAGES = {
    "de": """Startseite
Politik

Hafentram fährt ab Mai bis Mitternacht

Von Wiebke Tamm und Jörn Petersen

Stand: 3. Mai 2026, 14:20 Uhr

Lesezeit: 3 Min.

Die Hafentram wird vom ersten Mai an bis Mitternacht fahren, teilte der Rat am Montag nach langer Debatte mit.

Fahrer hatten um einen späteren Beginn am Sonntag gebeten, sagte Ole Brandt, der im Rat für sie spricht.

Lesen Sie auch: Fünf Brücken zu viel

Die letzte Tram fuhr bisher um zehn, sodass die Schichtarbeiter im Winter zu Fuß nach Hause gingen.

Das könnte Sie auch interessieren

Sieben Wege am Wasser

Kommentare

© 2026 Brenhafener Bote GmbH. Alle Rechte vorbehalten
""",
    "fr": """Accueil
Politique

Le tram du port roulera jusqu’à minuit

Par Maëlle Corbin avec AFP

Publié le 3 mai 2026 à 14h20, mis à jour le 4 mai 2026 à 9h00

Temps de lecture : 3 min

Le tram du port roulera jusqu’à minuit à partir du premier mai, a annoncé lundi le conseil après un long débat.

Les conducteurs avaient demandé un début plus tardif le dimanche, a dit Ole Brandt, qui parle pour eux au conseil.

À lire aussi : Cinq ponts de trop

Le dernier tram partait à dix heures, si bien que les ouvriers rentraient à pied en hiver.

© Le Phare – Tous droits réservés
""",
    "es": """Portada
Política

El tranvía del puerto circulará hasta medianoche

Inés Robledo

Areso - 3 may 2026 - 14:20 CEST

El tranvía del puerto circulará hasta medianoche desde el primero de mayo, anunció el lunes el consejo tras un largo debate.

Los conductores habían pedido un inicio más tarde los domingos, dijo Ole Brandt, que habla por ellos en el consejo.

Te puede interesar

El último tranvía salía a las diez, por lo que los obreros volvían a casa a pie en invierno.

© 2026 Diario de Areso. Todos los derechos reservados
""",
    "ja": """ホーム
ニュース

港の路面電車、５月から深夜まで運行へ

2026年5月3日 14時20分

北海日報

【東京共同】港の路面電車が５月１日から深夜まで運行されることになったと、市議会が月曜日に長い議論の後で発表した。

運転手らは日曜日の始発を遅らせるよう求めており、それが認められたと、議会で彼らを代表するブラント氏は話した。

最終電車はこれまで午後十時発で、港の夜勤労働者は冬も歩いて帰宅していた。

関連記事

海に沈む七つの道

© 2026 北海日報社 無断転載禁止
""",
    "ar": """الرئيسية
الأخبار

ترام الميناء يعمل حتى منتصف الليل ابتداء من مايو

كتب: أحمد سالم

٣ مايو ٢٠٢٦ - 14:20

أعلن مجلس المدينة يوم الاثنين بعد نقاش طويل أن ترام الميناء سيعمل حتى منتصف الليل ابتداء من الأول من مايو.

وقال أولي براندت الذي يتحدث باسم السائقين في المجلس إنهم طلبوا بداية متأخرة يوم الأحد وحصلوا عليها.

اقرأ أيضا: سبعة طرق تنتهي في الماء

وكان آخر ترام يغادر في العاشرة مما جعل عمال الميناء يعودون إلى بيوتهم سيرا في الشتاء.

مواضيع ذات صلة

جميع الحقوق محفوظة © 2026 صحيفة المرفأ
""",
}
#: Names, instant, its words, agency, publisher, number of paragraphs, the beginning of the last one.
TRUTH = {
    "de": (
        ["Wiebke Tamm", "Jörn Petersen"],
        "2026-05-03T14:20:00Z",
        "3. Mai 2026, 14:20",
        None,
        "Brenhafener Bote",
        "Die letzte Tram",
    ),
    "fr": (
        ["Maëlle Corbin"],
        "2026-05-03T14:20:00Z",
        "3 mai 2026 à 14h20",
        "AFP",
        "Le Phare",
        "Le dernier tram",
    ),
    "es": (
        ["Inés Robledo"],
        "2026-05-03T12:20:00Z",
        "3 may 2026 - 14:20 CEST",
        None,
        "Diario de Areso",
        "El último tranvía",
    ),
    "ja": ([], "2026-05-03T14:20:00Z", "2026年5月3日 14時20分", "Kyodo", "北海日報社", "最終電車"),
    "ar": (
        ["أحمد سالم"],
        "2026-05-03T14:20:00Z",
        "٣ مايو ٢٠٢٦ - 14:20",
        None,
        "صحيفة المرفأ",
        "وكان آخر ترام",
    ),
}


@pytest.mark.parametrize("language", PAGES)
def test_a_page_is_read_in_its_language(language):
    names, at, raw, agency, publisher, last = TRUTH[language]
    lines = [line for line in PAGES[language].split("\n") if line]
    record = parse_page(PAGES[language]).record
    paragraphs = record["body"].split("\n\n")
    assert record["headline"] == lines[2]
    assert [person["name"] for person in record.get("contributors", ())] == names
    assert (record["published_at"], record["published_raw"]) == (at, raw)
    assert record.get("agency", {}).get("name") == agency
    assert record["publisher"]["name"] == publisher
    assert len(paragraphs) == 3
    assert paragraphs[-1].startswith(last)


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("١٥ كانون الثاني ٢٠٢٦", "2026-01-15T00:00:00Z"),
        ("نشر في: 7 تشرين الأول 2026 الساعة 18:05", "2026-10-07T18:05:00Z"),
        ("入力 2026년 5월 3일 14시 20분", "2026-05-03T14:20:00Z"),
        ("２０２６年５月３日", "2026-05-03T00:00:00Z"),
        ("2026年5月3日 9時5分", "2026-05-03T09:05:00Z"),
    ],
)
def test_dates_in_other_digits_and_scripts_are_read(line, at):
    found = find_date(line)
    assert found.at == at
    assert found.raw in line


def test_a_whole_date_in_other_digits_keeps_its_words():
    assert parse_date("٣ مايو ٢٠٢٦").raw == "٣ مايو ٢٠٢٦"
