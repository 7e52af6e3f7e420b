"""Lines that belong to a site and not to an article, in eleven languages; whole lines only."""

import unicodedata

from newsds.later import later_pattern

__all__ = ["CONSENT_SIGN", "LINE_SIGN", "PAYWALL", "PAYWALL_SIGN", "consent_phrases", "is_boilerplate"]

#: Lines longer than this are prose.
MAX_WORDS = 15
_MAX_LENGTH = 160

#: A line that is one of these, or begins with one followed by `:`, `|`, `>` or a dash, is boilerplate.
_LEADS = {
    "en": "read more|read also|also read|read next|see also|more from|more on this story|related"
    "|related articles|related stories|related news|related topics|related content|recommended"
    "|recommended stories|you may also like|you might also like|most read|most popular|trending"
    "|trending now|latest news|top stories|advertisement|sponsored content|article continues below"
    "|story continues below|story continues below advertisement|scroll down to continue|share this"
    "|share this article|share on facebook|share on twitter|tweet|click to share|print this article"
    "|email this article|follow us|follow us on twitter|follow us on facebook"
    "|sign up for our newsletter|subscribe to our newsletter|subscribe now|sign up now|leave a comment"
    "|view comments|post a comment|join the conversation|comments are closed|comment policy"
    "|terms of use|terms of service|privacy policy|cookie policy|accept all cookies|manage cookies"
    "|cookie settings|back to top|skip to main content|skip to content|continue reading|load more"
    "|watch live|watch now|download our app|image source|image caption|photo credit|file photo",
    "de": "lesen sie auch|mehr zum thema|lesen sie mehr|das könnte sie auch interessieren|anzeige|werbung"
    "|weiterlesen|newsletter abonnieren|jetzt abonnieren|alle rechte vorbehalten|artikel teilen"
    "|kommentare|zur startseite|datenschutz|impressum|cookie-einstellungen|bildquelle",
    "fr": "lire aussi|à lire aussi|lire la suite|à lire également|sur le même sujet|publicité|partager"
    "|partager cet article|s'abonner|abonnez-vous|inscrivez-vous à notre newsletter"
    "|tous droits réservés|politique de confidentialité|mentions légales|gérer les cookies"
    "|voir les commentaires|crédit photo",
    "es": "lea también|leer más|lee también|ver también|te puede interesar|te recomendamos"
    "|noticias relacionadas|más información|publicidad|compartir|suscríbete|suscríbase"
    "|suscríbete a nuestro boletín|todos los derechos reservados|política de privacidad"
    "|política de cookies|aviso legal",
    "it": "leggi anche|leggi tutto|potrebbe interessarti|articoli correlati|continua a leggere|pubblicità"
    "|condividi|iscriviti alla newsletter|abbonati|tutti i diritti riservati|riproduzione riservata"
    "|informativa sulla privacy|gestisci i cookie",
    "pt": "leia também|leia mais|saiba mais|veja também|notícias relacionadas|continua depois da publicidade"
    "|publicidade|compartilhe|compartilhar|assine nossa newsletter|assine já"
    "|todos os direitos reservados|política de privacidade|política de cookies",
    "nl": "lees ook|lees meer|lees verder|meer over dit onderwerp|gerelateerde artikelen|advertentie"
    "|deel dit artikel|schrijf je in voor onze nieuwsbrief|alle rechten voorbehouden|privacybeleid"
    "|cookie-instellingen",
    "sv": "läs också|läs även|läs mer|relaterade artiklar|annons|dela artikeln|prenumerera på vårt nyhetsbrev"
    "|integritetspolicy|cookieinställningar",
    "fi": "lue myös|lue lisää|aiheesta lisää|mainos|mainos alkaa|mainos päättyy|jaa artikkeli"
    "|tilaa uutiskirje|kaikki oikeudet pidätetään|tietosuojaseloste|evästeasetukset",
    "pl": "czytaj także|czytaj też|czytaj więcej|zobacz także|zobacz też|przeczytaj także|reklama|udostępnij"
    "|zapisz się do newslettera|wszelkie prawa zastrzeżone|polityka prywatności",
    "ru": "читайте также|читать далее|подробнее|по теме|реклама|поделиться|подпишитесь на рассылку"
    "|все права защищены|политика конфиденциальности",
}

_LEAD = later_pattern(
    rf"(?:{'|'.join(_LEADS.values())})(?:\s{{0,3}}(?:[:|>»→›]|[-–—]\s).{{0,160}})?[.!…>»→›:\s]{{0,5}}"
)
_FORMULA = later_pattern(
    r"(?:©|\(c\)|copyright\b)\s{0,3}(?:©|\(c\))?\s{0,3}(?:19|20)\d\d\b.{0,160}"
    r"|.{0,160}\ball rights reserved\b.{0,40}"
    r"|.{0,80}\bthis (?:material|article|story) may not be (?:published|reproduced|copied)\b.{0,100}"
    r"|(?:sign up|subscribe|register) (?:for|to) (?:our|the|your) (?:free )?(?:[\w-]{1,20} ){0,4}"
    r"(?:newsletter|newsletters|mailing list|alerts)\b.{0,80}"
    r"|(?:follow|like) us on (?:twitter|facebook|instagram|x|linkedin|youtube)\b.{0,60}"
    r"|(?:click|tap) here (?:to|for) .{1,80}"
    r"|read (?:the )?(?:full|whole|entire|original|rest of the|rest of this) (?:story|article|report|post)\b"
    r".{0,60}"
    r"|(?:photo|image|picture|foto|kuva|bild|crédit)(?: credit| by| courtesy)?s?\s{0,2}[:©/]\s{0,2}.{1,100}"
)
#: Where such a line may be, in NFC or not; a pattern of Rust's `regex`.
_ANY_LEAD = "|".join(_LEADS.values()).replace("'", "['’]")
LINE_SIGN = (
    rf"(?im:^[ \t*•\-–—|>»▶►→·\x{{387}}]*(?:(?:{_ANY_LEAD})(?:$|[^\w])|©|\(c\)|copyright"
    r"|(?:sign up|subscribe|register) (?:for|to) "
    r"|(?:follow|like) us on |(?:click|tap) here |read (?:the )?(?:full|whole|entire|original|rest of) "
    r"|(?:photo|image|picture|foto|kuva|bild|crédit)(?: credit| by| courtesy)?s?[^\w]{0,4}[:©/]))"
    r"|(?i:all rights reserved|this (?:material|article|story) may not be)|[\x{300}-\x{36f}]"
)
#: Words in which one of the formulae is bound to be; the slow pattern is not tried without one.
_SIGNS = (
    "©",
    "(c)",
    "copyright",
    "all rights",
    "may not be",
    "sign up",
    "subscribe",
    "register",
    "us on",
    " here ",
    "read ",
    ":",
    "/",
)


def _plain(line: str) -> str:
    """Return a line as the tables hold it: NFC, lower case, straight apostrophes, no bullets."""
    return unicodedata.normalize("NFC", line).strip(" \t*•-–—|>»▶►→·").lower().replace("’", "'")


def is_boilerplate(line: str) -> bool:
    """Tell whether a whole line is furniture of the site.

    >>> is_boilerplate("Read more: Ferry timetable delayed")
    True
    >>> is_boilerplate("Earnings per share on sales rose.")
    False
    """
    if len(line) > _MAX_LENGTH or len(line.split(None, MAX_WORDS)) > MAX_WORDS:
        return False
    text = _plain(line)
    if _LEAD.fullmatch(text):
        return True
    return any(sign in text for sign in _SIGNS) and _FORMULA.fullmatch(text) is not None


#: Phrases of consent, script and bot checks, and of pages that are not there. One alone may be what an article is about.
_CONSENT_PHRASES = (
    "we use cookies|uses cookies|accept all|accept cookies|cookie policy|cookie settings"
    "|manage your preferences|your privacy choices|our partners|legitimate interest|enable javascript"
    "|javascript is disabled|please enable cookies|are you a robot|not a robot|unusual traffic"
    "|verify you are human|complete the captcha|access denied|access to this page has been denied"
    "|you don't have permission|checking your browser|ray id|reference #|ad blocker|adblocker"
    "|browser is not supported|outdated browser|this process is automatic|redirect to your requested"
    "|you do not have permission|page not found|404 not found|page you requested|page you are looking for"
    "|page you were looking for|could not be found|wir verwenden cookies|alle akzeptieren|einwilligung"
    "|nous utilisons des cookies|tout accepter|utilizamos cookies|aceptar todo|utilizziamo i cookie"
    "|accetta tutti|wij gebruiken cookies|alles accepteren|vi använder cookies|käytämme evästeitä"
    "|hyväksy kaikki|używamy plików cookie|usamos cookies|aceitar todos|мы используем файлы cookie"
)
_CONSENT = later_pattern(_CONSENT_PHRASES)
CONSENT_SIGN = "(?i:" + _CONSENT_PHRASES.replace("'", "['’]") + ")"

#: What a page says at the place where the article was cut off.
_PAYWALL_PHRASES = (
    r"subscri(?:be|ption) (?:now )?(?:to (?:continue|read|unlock|access)|is required|required)"
    r"|to (?:continue|keep) reading[, ]|continue reading (?:with|by)"
    r"|(?:log|sign) in to (?:continue|read)|already a subscriber|for subscribers only|subscribers? only"
    r"|become a (?:member|subscriber)(?: (?:to|today|now)|\W*$)"
    r"|this (?:article|content|story) is (?:only )?(?:available )?(?:for|to|reserved for) (?:our )?"
    r"(?:paid )?(?:subscribers|members)"
    r"|you have reached your (?:free )?(?:article )?limit"
    r"|you've reached your (?:free )?(?:article )?limit|create a free account to|unlock this article"
    r"|premium content|nur für abonnenten|jetzt (?:weiterlesen|freischalten)|mit .{1,30} weiterlesen"
    r"|réservé (?:à nos|aux) abonnés|il vous reste .{1,20} à lire"
    r"|contenido (?:exclusivo )?para suscriptores|suscríbete para (?:seguir )?le"
    r"|contenuto riservato agli abbonati|conteúdo exclusivo para assinantes|alleen voor abonnees"
    r"|för prenumeranter|vain tilaajille|tilaajille|dla subskrybentów|только для подписчиков"
)
PAYWALL = later_pattern(_PAYWALL_PHRASES)
#: The same with what would make a slow pattern left out; a sign may be found too often.
PAYWALL_SIGN = (
    "(?i:"
    + _PAYWALL_PHRASES.replace(r"(?: (?:to|today|now)|\W*$)", "")
    .replace("mit .{1,30} weiterlesen", " weiterlesen")
    .replace("il vous reste .{1,20} à lire", "il vous reste ")
    .replace("'", "['’]")
    + ")"
)


def consent_phrases(text: str) -> list[str]:
    """Return the different phrases of consent, script and bot checks that a text holds, in their order."""
    return list(dict.fromkeys(_CONSENT.findall(text.lower().replace("’", "'"))))
