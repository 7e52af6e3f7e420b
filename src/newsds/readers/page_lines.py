"""The lines of a plain-text page: what each looks like, how much like an article, and where the body runs."""

from bisect import bisect_right as bisect
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from newsds.later import later_pattern

__all__ = [
    "Line",
    "find_body",
    "find_sentences",
    "has_caption_mark",
    "is_furniture",
    "is_sentence",
    "line_scores",
    "observe",
    "split_lines",
]

#: Longer lines are cut before they are looked at (the text itself is kept whole).
_LOOK = 2000


class Line(NamedTuple):
    """One line of a page."""

    #: 1-based.
    number: int
    #: Without bullet and outer white space; empty for a blank line.
    text: str = ""
    #: Whether it is an item of a list.
    is_item: bool = False
    #: Columns of white space before it.
    indent: int = 0
    #: Words; in scripts without spaces two letters count as one.
    n_words: int = 0
    #: Whether it is alone between blank lines.
    is_alone: bool = False


_BULLET = later_pattern(r"[•·▪◦‣●○■□►*]\s+(?=\S)")
_NUMBER = later_pattern(r"\d{1,2}[.)]\s")
_DENSE = later_pattern("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


# What does not show at the ends of a line: white space, control characters, marks of direction and of bytes.
_EDGES = "".join(
    map(chr, (*range(0x21), 0x7F, 0x85, 0xA0, 0x1680, *range(0x2000, 0x2010), *range(0x2028, 0x2030)))
) + ("\u205f\u2060\u3000\ufeff")


def split_lines(text: str) -> list[Line]:
    """Return the lines of a page; a line ends at a line feed only."""
    raws = text.split("\n")
    rows = [raw.strip(_EDGES) for raw in raws]
    padded = ["", *rows, ""]
    lines: list[Line] = []
    for number, (raw, row) in enumerate(zip(raws, rows, strict=True), 1):
        if not row:
            lines.append(Line(number))
            continue
        bullet = _BULLET.match(row)
        indent = raw.find(row[0])
        is_item = bullet is not None or (indent > 1 and _NUMBER.match(row) is not None)
        content = row[bullet.end() :] if bullet else row
        is_alone = not padded[number - 1] and not padded[number + 1]
        lines.append(Line(number, content, is_item, indent, _count(content), is_alone))
    return lines


def _count(text: str) -> int:
    words = len(text.split())
    if text.isascii():
        return words
    return words + len(_DENSE.findall(text[:_LOOK])) // 2


# Words with which the furniture of a site opens, in English, German, French, Spanish, Italian, Portuguese,
# Dutch, Scandinavian, Finnish, Polish, Turkish, Russian, Japanese, Chinese, Korean.
_OPENINGS = """
about_us about_the_author advertisement advertise all_rights_reserved already_a also_read also_on bookmark
breaking_news browse by_clicking by_continuing by_entering by_providing by_signing by_submitting
by_subscribing by_using comment comments connect_with contact contact_us cookie cookies copy_link copyright
create_account create_an do_not_sell don't_miss don’t_miss download editor's_note editor’s_note editors'_picks
email enter_your facebook featured filed_under find_out follow follow_us for_more for_the_latest get_more
get_our get_the get_unlimited give_feedback hide home image image: image_source images: join_our join_the
keep_reading latest learn_more leave_a leave_your like_us listen load loading log_in login manage menu
more_from more_in more_on more_stories more_news most_popular most_read most_viewed must_read my_account
never_miss newsletter newsletters next next_article no_comments no_thanks not_a_member of_the_day our_privacy
our_standards our_team photo photo: photos: pictured: popular post_a powered_by previous previous_article
print privacy promoted read_also read_full read_more read_next receive recommended register related related:
related_articles related_stories related_topics remind_me reply report_a reprints republish rss save scroll
search see_also see_all see_more select share share_on share_this shop show_more show_comments sign_in sign_up
signup site_map skip source: sponsored start_your stay_up stay_in story_continues submit subscribe support_our
support_us switch_to tags tags: tap_here terms terms_of thank_you thanks_for this_article_is this_article_was
this_content this_site this_story_was this_website to_comment today's_top top_stories topics topics: trending
tweet twitter type_your unlock unsubscribe up_next update_your use_of view_all view_comments visit
want_to_read watch watch: watch_live we_and_our we_have_sent we_may_earn we_use we_value welcome what_to_read
whatsapp write_to you_can_unsubscribe you_may_also you_might_also you_must_be your_account your_email
your_privacy your_subscription
abo abonnieren akzeptieren aktuelle_ausgabe alle_akzeptieren anmelden anzeige auch_interessant auch_lesen
artikel_drucken bildquelle bitte_aktivieren bitte_melden das_könnte datenschutz datenschutzerklärung
die_meistgelesenen drucken einstellungen empfehlung empfohlen foto foto: fotos: hier_finden hinweis impressum
jetzt_abonnieren jetzt_anmelden jetzt_lesen jetzt_registrieren kommentar_schreiben kommentare kontakt
kostenlos_testen lesedauer: lesen_sie lesezeit lesezeit: letzte_meldungen mehr_aus mehr_lesen mehr_zu mehr_zum
meistgelesen meistgelesene melden_sie mit_ihrer navigation neueste neueste_artikel nutzungsbedingungen
passend_zum quelle: registrieren schlagwörter schlagworte: startseite suche symbolbild teilen themen:
um_diesen verpassen_sie vorlesen weitere_artikel weitere_nachrichten weitere_themen weiterlesen werbung
wir_verwenden wir_und zum_inhalt zur_startseite zustimmen
abonnez-vous accepter accueil à_lire à_lire_aussi aller_au article_réservé avec_votre cet_article_est
ce_contenu commentaires connectez-vous connexion contactez-nous copier_le crédit découvrez déjà_abonné
en_continuant envoyer et_aussi gérer inscrivez-vous je_m'abonne je_m’abonne je_m’inscris la_rédaction
les_plus_lus lire_aussi lire_la lire_plus mentions_légales mon_compte notre_lettre nos_partenaires
nous_utilisons partager partagez paramètres photo_: plus_d'infos plus_d’infos politique_de pour_aller_plus
publicité recevez recherche retrouvez s'abonner s’abonner se_connecter suivez-nous suivre sur_le_même
temps_de_lecture tous_droits tout_accepter toute_l'actualité voir_aussi voir_plus vous_avez_aimé
vous_êtes_abonné
aceptar archivado_en compartir comparte comentarios contenido_patrocinado copiar correo crear_cuenta etiquetas
iniciar_sesión lea_también lee_también leer_más más_información más_leídas más_noticias más_sobre lo_más
mira_también no_te_pierdas noticias_relacionadas nuestras_newsletters política_de publicidad puedes_seguir
recibe regístrate relacionado relacionadas síguenos sigue_leyendo suscríbete suscribirse te_puede
te_recomendamos todos_los_derechos últimas_noticias utilizamos_cookies ver_más
accedi accetta abbonati articoli_correlati commenta commenti condividi contatti iscriviti informativa leggi
leggi_anche leggi_tutto potrebbe_interessarti pubblicità questo_sito registrati riproduzione_riservata scopri
seguici tutti_i_diritti ultime_notizie ultima_ora vai_al
aceitar assine assinar cadastre-se clique_aqui comentários compartilhe compartilhar continua_após
entre_em_contato inscreva-se leia leia_também leia_mais mais_lidas mais_notícias notícias_relacionadas
publicidade receba saiba_mais siga todos_os_direitos veja_também veja_mais últimas_notícias
aanmelden abonneer advertentie bekijk bekijk_ook deel delen inloggen lees_ook lees_meer lees_verder meer_over
meest_gelezen registreer volg_ons wij_gebruiken
annons annonse annonce dela del del_artikel fler_nyheter följ_oss gå_til hopp_til hoppa_till les_mer les_også
logg_inn logga_in læs_også læs_mere log_ind läs_mer läs_också läs_även mer_om mest_läst mest_lest mest_læste
prenumerera relaterat tipsa_oss vi_använder visa_mer
ilmoitus jaa kirjaudu lue_lisää lue_myös luetuimmat mainos tilaa uusimmat
czytaj_też czytaj_także czytaj_więcej dodaj_komentarz fot. polecane reklama udostępnij zaloguj zapisz_się
zobacz_też zobacz_także zobacz_również źródło:
abone_ol devamını_oku giriş haberin_devamı paylaş reklam yorumlar ilgili_haberler
войти комментарии подписаться подписывайтесь подпишитесь поделиться реклама следите_за читайте_также читайте
смотрите_также фото: источник: все_права
続きを読む 関連記事 会員登録 ログイン シェア 広告 あわせて読みたい 人気記事 無断転載
相关阅读 相关新闻 相關新聞 登录 登錄 注册 广告 廣告 分享 责任编辑 版权声明 下载 延伸阅读 延伸閱讀 更多 来源：
اقرأ_أيضا اقرأ_أيضا: اقرأ_أيضاً اقرأ_المزيد تابعنا شارك إعلان مشاركة تسجيل_الدخول مواضيع_ذات_صلة
관련기사 구독 로그인 회원가입 공유 광고 댓글 저작권자 추천
"""  # noqa: E501, RUF100
_LOOSE = ",.:!?|"
_OPENING_WORDS = frozenset(phrase.replace("_", " ") for phrase in _OPENINGS.split())
_FIRST_WORDS = frozenset(phrase.split()[0].rstrip(_LOOSE) for phrase in _OPENING_WORDS)
# What betrays furniture wherever it stands in a line, in lower case.
_TELLTALES = (
    "©", "(c) 20", "cookie", "newsletter", "infolettre", "boletín de", "subscri", "abonnement",
    "abonnier", "abonnez", "abonné", "suscri", "iscriviti", "assinante", "prenumer", "privacy policy",
    "privacy notice", "terms of use", "terms of service", "datenschutz", "mentions légales",
    "política de privacidad", "all rights reserved", "alle rechte", "tous droits", "opens in a new",
    "opens in new", "click here", "sign up", "signed up", "log in", "login", "your inbox", "your email",
    "your e-mail", "your account", "your browser", "your device", "your consent", "your preferences",
    "e-mail address", "email address", "javascript", "ad blocker", "affiliate", "advertis",
    "getty images", "min read", "minute read", "mins read", "reading time", "follow us", "facebook",
    "whatsapp", "linkedin", "app store", "google play", "copy link", "share this", "무단", "재배포", "転載",
    "版权", "著作権",
)  # fmt: skip

# What betrays the caption of a picture, in lower case; prose may speak of pictures too, so that it only lowers a score.
_CAPTION_MARKS = (
    "photo:", "photo by", "photos by", "photograph", "courtesy of", "image credit", "credit:", "file photo",
    "illustration:", "(ap photo", "/ap", "via getty", "/ getty",
)  # fmt: skip


def opening(text: str) -> int:
    """Return how many words of furniture a line opens with: 0 for none, at most 3."""
    return _opening(text[:80].lower().split(None, 3))


def _opening(words: Sequence[str]) -> int:
    first = words[0].rstrip(_LOOSE) if words else ""
    if first not in _FIRST_WORDS:
        return 0
    for length in range(min(3, len(words)), 0, -1):
        phrase = " ".join(words[:length])
        if phrase in _OPENING_WORDS or phrase.rstrip(_LOOSE) in _OPENING_WORDS:
            return length
    return 0


def is_furniture(line: Line) -> bool:
    """Tell whether a short line is furniture of the site by its words."""
    return line.n_words <= 14 and (
        opening(line.text) > 0 or _holds_any(line.text[:_LOOK].lower(), _TELLTALES)
    )


def has_caption_mark(text: str) -> bool:
    """Tell whether a line betrays the caption of a picture."""
    return _holds_any(text[:_LOOK].lower(), _CAPTION_MARKS)


_CLOSERS = "'\"”’“‘»«」』)]"
_STOPS = frozenset(".!?。！？।؟")
_OTHER_MARKS = {":": 2, ",": 3, ";": 3, "…": 4}


def _ending(text: str) -> int:
    """Return 0 for no last mark, 1 for a sentence or quotation, 2 for a colon, 3 for a comma, 4 for dots."""
    if text.endswith(("...", "[…]")):
        return 4
    bare = text[-5:].rstrip(_CLOSERS)
    if bare[-1:] in _STOPS or (text[-1] in "”“»」" and len(text) > 30):
        return 1
    return _OTHER_MARKS.get(text[-1], 0)


#: Kinds of a line as its neighbours see it.
BLANK, FRAGMENT, TITLE, SENTENCE, PARAGRAPH = range(5)


def _kind(n_words: int, ending: int) -> int:
    if n_words >= 15:
        return PARAGRAPH
    if ending in (1, 2) and n_words >= 4:
        return SENTENCE
    return TITLE if n_words >= 5 else FRAGMENT


_ADDRESS_WORDS = """
you your yours our unser unsere unserer unseren vous votre vos nos notre usted nuestro nuestra nuestros
vuestro você nosso nossa
"""
_SECOND_PERSON = frozenset(_ADDRESS_WORDS.split())
_QUOTES = ("“", "”", '"', "„", "«", "»", "「")
_DIGIT = later_pattern(r"\d")
_MARKS = ("|", "@", "http", "www.", ".com", " · ", " • ", " / ", "→", "»")
_INNER_STOPS = (". ", "? ", "! ", ".” ", '." ', "。")


def _holds_any(text: str, words: Sequence[str]) -> bool:
    for word in words:  # noqa: SIM110  # a generator costs three times as much, and this runs for every line
        if word in text:
            return True
    return False


def observe(lines: Sequence[Line]) -> list[tuple[int, ...]]:
    """Return the features of the lines that are not blank; each is a place in its row of `WEIGHTS`."""
    shown = [line for line in lines if line.text]
    seen = Counter(line.text for line in shown)
    page = "\n".join(seen).lower()
    telltales = [word for word in (*_TELLTALES, *_CAPTION_MARKS) if word in page]
    endings = [_ending(line.text) for line in shown]
    kinds = [BLANK, BLANK, *map(_kind, (line.n_words for line in shown), endings), BLANK, BLANK]
    prose = _running_prose(shown, endings)
    total = len(shown)
    all_prose = max(1, prose[-1])
    has_blanks = total < len(lines) * 0.9
    # Menus come twice or more: each look is taken once.
    looks = {line[1:4]: (line, ending) for line, ending in zip(shown, endings, strict=True)}
    own = {key: _own_features(line, ending, telltales) for key, (line, ending) in looks.items()}
    return [
        (
            *own[line[1:4]],
            min(seen[line.text] - 1, 2),
            1 + line.is_alone if has_blanks else 0,
            kinds[index + 1] * 5 + kinds[index],
            kinds[index + 3] * 5 + kinds[index + 4],
            bisect(_PROSE_AROUND, prose[min(index + 6, total)] - prose[max(0, index - 5)]),
            bisect(_PROSE_BEFORE, prose[index] / all_prose),
            bisect(_PLACES, index / total),
        )
        for index, line in enumerate(shown)
    ]


# Bounds between the places of a feature.
_WORDS = (2, 3, 5, 8, 12, 16, 22, 30, 45)
_CAPITALS = (0.001, 0.55, 0.85)
_DIGITS = (0.001, 0.05, 0.15, 0.3)
_PROSE_AROUND = (8, 30, 60, 100, 160, 240)
_PROSE_BEFORE = (0.001, 0.05, 0.15, 0.5, 0.85, 0.999)
_PLACES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.75, 0.9)


def _own_features(line: Line, ending: int, telltales: Sequence[str]) -> tuple[int, ...]:
    """Return what a line shows without its neighbours."""
    text = line.text[:400]
    lowered = text.lower()
    words, small = text.split(), lowered.split()
    n_words, is_long = line.n_words, line.n_words >= 12
    is_plain = text.replace(" ", "").isalpha()
    capitals = len([word for word in words if word[0].isupper()]) / len(words)
    margin = (
        1 + (line.indent > 3) + (line.indent > 5) if line.is_item else 4 if line.indent > 1 else 0
    ) + 5 * (n_words >= 10)
    return (
        bisect(_WORDS, n_words),
        ending + 5 if is_long else ending,
        margin,
        bisect(_CAPITALS, capitals) + (4 if n_words >= 8 else 0),
        0 if is_plain else bisect(_DIGITS, len(_DIGIT.findall(text)) / len(text)),
        min(_opening(small), 2) + (3 if is_long else 0),
        1 + is_long if telltales and _holds_any(lowered, telltales) else 0,
        min(len(_SECOND_PERSON.intersection(small)), 3),
        0 if is_plain or not _holds_any(text, _QUOTES) else 1,
        0 if is_plain or not _holds_any(text, _MARKS) else 1,
        min(sum(map(text.count, _INNER_STOPS)), 2) if n_words >= 8 else 0,
    )


def _running_prose(lines: Sequence[Line], endings: Sequence[int]) -> list[int]:
    """Return, for each place between lines, the words of sentence-like lines before it."""
    running = [0]
    for line, ending in zip(lines, endings, strict=True):
        is_prose = line.n_words >= 10 and ending in (1, 2) and not line.is_item
        running.append(running[-1] + (min(line.n_words, 80) if is_prose else 0))
    return running


#: Points for each place of each feature: a logistic regression over the lines of 946 dumps of 473 news pages.
WEIGHTS: tuple[tuple[float, ...], ...] = (
    # words
    (-0.81, -0.21, -0.01, 0.25, -0.19, -0.55, -0.32, -0.16, 0.36, 0.67),
    # last mark (short line, long line)
    (-0.26, 0.47, -0.68, -0.06, -0.44, -0.65, 0.71, 0.92, -0.1, -0.87),
    # list item, indent (short line, long line)
    (-0.36, 0.87, -0.72, 0.07, -0.42, -0.52, 0.24, -0, 0.57, -0.69),
    # share of capitalised words (short line, long line)
    (0.04, 0.06, -0.14, -0.74, 0.46, 0.28, -0.1, -0.82),
    # share of digits
    (-0.25, 0.08, 0.77, -0.18, -1.38),
    # furniture opening (short line, long line)
    (0.37, 0.17, -1.51, 0.74, 0.25, -0.99),
    # furniture telltale
    (1.13, -1.56, -0.53),
    # words of address
    (0.03, 0.23, 0.37, -1.6),
    # quotation marks
    (-0.66, -0.3),
    # bars, addresses
    (0.09, -1.05),
    # sentences inside
    (-0.16, -0.39, -0.41),
    # repeated
    (0.01, -1.15, 0.18),
    # alone between blanks
    (-0.08, -1.03, 0.15),
    # kinds of the two lines before
    (-0.29, 0, 0, 0, 0, -0.13, -0.8, 0.01, -0.28, -0.2, -0.29, -0.35, 0.27, 0.09, -0.03, -0.01,
     -0.2, -0.08, -0.04, 0.31, -0.06, 0.2, 0.31, 0.32, 0.26),
    # kinds of the two lines after
    (-0.09, 0, 0, 0, 0, -0.31, -0.48, -0.51, -0.23, -0.18, -0.25, 0.24, 0.21, -0.51, -0.27, -0.06,
     -0, -0.09, 0.18, 0.39, 0.09, -0.12, 0.48, 0.33, 0.21),
    # prose around
    (-1.22, -0.89, -0.69, -0.08, 0.31, 0.68, 0.93),
    # share of the prose before
    (-0.5, 0.09, 0.49, 0.69, 0.22, -0.69, -1.25),
    # place on the page
    (-1, -0.62, 0.07, 0.23, 0.19, 0.1, 0.18, 0.17, -0.05, -0.24),
)  # fmt: skip
INTERCEPT = -0.45

#: Tuned on the same pages: what one line may cost or bring the run, and what it must have itself to be kept.
_GAP_COST, _LINE_GAIN, _THRESHOLD = 0.7, 4.0, -0.1


def line_scores(lines: Sequence[Line]) -> list[float]:
    """Return for every line how much it looks like the article's text; above zero it rather is."""
    scores = [0.0] * len(lines)
    shown = [index for index, line in enumerate(lines) if line.text]
    for index, features in zip(shown, observe(lines), strict=True):
        scores[index] = INTERCEPT + sum(map(tuple.__getitem__, WEIGHTS, features))
    return scores


def find_body(lines: Sequence[Line], scores: Sequence[float]) -> list[int]:
    """Return the indices of the lines that make the body: the best contiguous run, without its bad lines.

    A line inside the run may look bad (an advertisement between paragraphs) without ending it.
    """
    best = gain = 0.0
    start = first = last = 0
    for index, line in enumerate(lines):
        if not line.text:
            continue
        if gain <= 0:
            gain, start = 0.0, index
        gain += max(-_GAP_COST, min(_LINE_GAIN, scores[index]))
        if gain > best:
            best, first, last = gain, start, index + 1
    found = [index for index in range(first, last) if lines[index].text and scores[index] > _THRESHOLD]
    return found + _last_sentence(lines, last) if found else []


#: How far below the run its last sentence may be, in lines with those that are blank.
_SENTENCE_REACH = 6


def _last_sentence(lines: Sequence[Line], end: int) -> list[int]:
    """Return the line below the run if it is a sentence: a last paragraph is short and looks bad."""
    below = [index for index in range(end, min(end + _SENTENCE_REACH, len(lines))) if lines[index].text][:2]
    if len(below) == 2 and opening(lines[below[0]].text) >= 2 and lines[below[1]].n_words >= 12:
        # One line that leads elsewhere ("Read also: ...") before the last paragraph.
        below = below[1:]
    return below[:1] if below and is_sentence(lines[below[0]]) else []


#: Lines that are no sentences between those of one article, at most.
_SENTENCE_GAP = 3


def is_sentence(line: Line) -> bool:
    """Tell whether a line is a whole sentence, and none that the site says to its reader."""
    lowered = line.text[:_LOOK].lower()
    is_whole = line.n_words >= 3 and not line.is_item and _ending(line.text) == 1 if line.text else False
    if not is_whole or opening(line.text) > 0 or _holds_any(lowered, _TELLTALES):
        return False
    is_quoted = _holds_any(line.text, _QUOTES)
    return is_quoted or not _SECOND_PERSON.intersection(lowered.split())


def find_sentences(lines: Sequence[Line]) -> list[int]:
    """Return the indices of the sentences that stand together and have the most words.

    On a page of few lines this finds what `find_body`, which looks for much prose, does not.
    """
    best: list[int] = []
    run: list[int] = []
    n_between = 0
    for index, line in enumerate(lines):
        if is_sentence(line):
            run.append(index)
            n_between = 0
            best = max(best, run, key=lambda found: sum(lines[at].n_words for at in found))
        elif line.text:
            n_between += 1
            run = run if n_between <= _SENTENCE_GAP else []
    return best
