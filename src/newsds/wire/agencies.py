"""The names that datelines are made of: news agencies, and cities that stand there without one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["AGENCIES", "CITIES", "Agency", "find_agency"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Agency:
    """A news agency, or a wire that carries press releases."""

    #: Short code in this project's list; `agency.code` in the schema.
    code: str
    #: Name to show; `agency.name` in the schema.
    name: str
    #: Further forms in which datelines, bylines and credit lines write it.
    aliases: tuple[str, ...] = ()

    def __hash__(self) -> int:
        """Hash by code: lists of agencies are keys of a cache."""
        return hash(self.code)

    @property
    def written(self) -> tuple[str, ...]:
        """Every form in which the agency may be written."""
        return (self.name, self.code, *self.aliases)


def _agency(code: str, name: str, *aliases: str) -> Agency:
    return Agency(code=code, name=name, aliases=aliases)


#: The closed list. A dataset project adds its own: pass `(*AGENCIES, Agency(...))`.
AGENCIES: tuple[Agency, ...] = (
    _agency("reuters", "Reuters", "REUTERS", "Thomson Reuters", "Thomson Reuters Foundation",
            "Reuters Health", "Рейтер", "ロイター", "路透", "路透社", "로이터"),
    _agency("ap", "Associated Press", "AP", "The Associated Press", "AP通信", "美联社", "美聯社"),
    _agency("afp", "AFP", "Agence France-Presse", "Agence France Presse", "AFP-Jiji", "法新社", "АФП"),
    _agency("dpa", "dpa", "DPA", "Deutsche Presse-Agentur", "dpa-AFX", "dpa/tmn"),
    _agency("efe", "EFE", "Agencia EFE", "EFE Verde"),
    _agency("ansa", "ANSA", "Ansa"),
    _agency("tass", "TASS", "ТАСС", "ITAR-TASS", "Itar-Tass", "ИТАР-ТАСС", "塔斯社"),
    _agency("xinhua", "Xinhua", "XINHUA", "Xinhua News Agency", "新华社", "新華社", "新华网"),
    _agency("kyodo", "Kyodo", "Kyodo News", "共同", "共同通信", "共同社"),
    _agency("jiji", "Jiji Press", "Jiji", "JIJI", "時事", "時事通信"),
    _agency("yonhap", "Yonhap", "Yonhap News", "연합뉴스", "聯合", "연합"),
    _agency("newsis", "Newsis", "뉴시스"),
    _agency("news1", "News1", "뉴스1"),
    _agency("pti", "PTI", "Press Trust of India"),
    _agency("ani", "ANI", "Asian News International"),
    _agency("ians", "IANS", "Indo-Asian News Service"),
    _agency("uni", "UNI", "United News of India"),
    _agency("app", "APP", "Associated Press of Pakistan"),
    _agency("bss", "BSS", "Bangladesh Sangbad Sangstha"),
    _agency("unb", "UNB", "United News of Bangladesh"),
    _agency("bernama", "Bernama", "BERNAMA"),
    _agency("antara", "Antara", "ANTARA", "ANTARA News"),
    _agency("vna", "VNA", "Vietnam News Agency", "TTXVN"),
    _agency("cna-tw", "Central News Agency", "中央社"),
    _agency("cns", "China News Service", "中新社", "中新网"),
    _agency("bloomberg", "Bloomberg", "BLOOMBERG", "Bloomberg News", "ブルームバーグ"),
    _agency("dow-jones", "Dow Jones", "Dow Jones Newswires", "DOW JONES", "Dow Jones & Company"),
    _agency("marketwatch", "MarketWatch"),
    _agency("prnewswire", "PR Newswire", "PRNewswire", "PRNEWSWIRE", "PRNewswire-FirstCall",
            "PRNewswire-PRWeb", "美通社"),
    _agency("businesswire", "Business Wire", "BUSINESS WIRE", "BusinessWire", "BUSINESSWIRE"),
    _agency("globenewswire", "GlobeNewswire", "GLOBE NEWSWIRE", "Globe Newswire", "GLOBENEWSWIRE"),
    _agency("accesswire", "ACCESSWIRE", "Accesswire", "ACCESS Newswire"),
    _agency("newsfile", "Newsfile Corp.", "Newsfile", "Newsfile Corp"),
    _agency("marketwired", "Marketwired", "Marketwire", "MARKETWIRED", "MARKETWIRE"),
    _agency("cnw", "CNW", "CNW Group", "CNW Telbec", "Canada NewsWire"),
    _agency("ots", "ots", "news aktuell", "presseportal"),
    _agency("pa", "PA Media", "PA", "Press Association", "PA News Agency"),
    _agency("aap", "AAP", "Australian Associated Press"),
    _agency("rnz", "RNZ", "Radio New Zealand"),
    _agency("nzpa", "NZPA", "New Zealand Press Association"),
    _agency("upi", "UPI", "United Press International"),
    _agency("cp", "The Canadian Press", "CP", "Canadian Press", "La Presse Canadienne",
            "LA PRESSE CANADIENNE", "THE CANADIAN PRESS"),
    _agency("ntb", "NTB", "Norsk Telegrambyrå"),
    _agency("tt", "TT", "TT Nyhetsbyrån", "Tidningarnas Telegrambyrå"),
    _agency("ritzau", "Ritzau", "RITZAU"),
    _agency("stt", "STT", "Suomen Tietotoimisto", "STT-Lehtikuva"),
    _agency("bns", "BNS", "Baltic News Service"),
    _agency("leta", "LETA"),
    _agency("elta", "ELTA"),
    _agency("apa", "APA", "Austria Presse Agentur"),
    _agency("keystone-sda", "Keystone-SDA", "sda", "SDA", "ATS", "Keystone-ATS"),
    _agency("afx", "AFX", "AWP", "awp"),
    _agency("kna", "KNA", "Katholische Nachrichten-Agentur"),
    _agency("epd", "epd", "Evangelischer Pressedienst"),
    _agency("sid", "SID", "Sport-Informations-Dienst"),
    _agency("dapd", "dapd", "ddp"),
    _agency("belga", "Belga", "BELGA"),
    _agency("anp", "ANP", "Algemeen Nederlands Persbureau", "Novum"),
    _agency("lusa", "Lusa", "LUSA", "Agência Lusa"),
    _agency("europa-press", "Europa Press", "EUROPA PRESS", "EUROPAPRESS"),
    _agency("adnkronos", "Adnkronos", "ADNKRONOS", "AdnKronos"),
    _agency("agi", "AGI", "Agenzia Italia"),
    _agency("askanews", "askanews", "Askanews"),
    _agency("pap", "PAP", "Polska Agencja Prasowa"),
    _agency("ctk", "ČTK", "CTK"),
    _agency("tasr", "TASR"),
    _agency("mti", "MTI"),
    _agency("agerpres", "Agerpres", "AGERPRES"),
    _agency("mediafax", "Mediafax", "MEDIAFAX"),
    _agency("bta", "BTA", "БТА"),
    _agency("tanjug", "Tanjug", "TANJUG", "Танјуг"),
    _agency("hina", "Hina", "HINA"),
    _agency("sta", "STA"),
    _agency("ana-mpa", "ANA-MPA", "AMNA", "ΑΠΕ-ΜΠΕ"),
    _agency("anadolu", "Anadolu Agency", "AA", "Anadolu", "Anadolu Ajansı"),
    _agency("dha", "DHA", "Demirören Haber Ajansı"),
    _agency("iha", "İHA", "IHA"),
    _agency("interfax", "Interfax", "INTERFAX", "Интерфакс", "Interfax-Ukraine", "Интерфакс-Украина"),
    _agency("ria", "RIA Novosti", "RIA", "РИА Новости", "RIA NOVOSTI", "Sputnik"),
    _agency("ukrinform", "Ukrinform", "UKRINFORM", "Укринформ", "Укрінформ"),
    _agency("belta", "BelTA", "БЕЛТА"),
    _agency("azertag", "AZERTAC", "AZƏRTAC"),
    _agency("irna", "IRNA"),
    _agency("isna", "ISNA"),
    _agency("wam", "WAM"),
    _agency("spa", "SPA", "Saudi Press Agency"),
    _agency("mena", "MENA", "Middle East News Agency"),
    _agency("sana", "SANA"),
    _agency("petra", "Petra"),
    _agency("qna", "QNA", "Qatar News Agency"),
    _agency("kuna", "KUNA"),
    _agency("map", "MAP", "Maghreb Arabe Presse"),
    _agency("aps", "APS", "Algérie Presse Service"),
    _agency("nan", "NAN", "News Agency of Nigeria"),
    _agency("sapa", "SAPA", "Sapa"),
    _agency("apanews", "African Press Agency", "APAnews", "PANA"),
    _agency("agencia-brasil", "Agência Brasil", "ABr"),
    _agency("estadao", "Estadão Conteúdo", "Agência Estado", "Folhapress", "FOLHAPRESS"),
    _agency("telam", "Télam", "Telam", "TELAM"),
    _agency("notimex", "Notimex", "NOTIMEX"),
    _agency("prensa-latina", "Prensa Latina", "PL"),
    _agency("kcna", "KCNA", "Korean Central News Agency"),
    _agency("cnn", "CNN", "CNN Business", "CNN Español"),
)  # fmt: skip


def find_agency(written: str, *, agencies: Sequence[Agency] = AGENCIES) -> Agency | None:
    """Return the agency that a text names, or None.

    Short forms are compared with their case (`PA` is an agency, `pa` is not), longer ones without.

    >>> find_agency("BUSINESS WIRE").name
    'Business Wire'
    """
    wanted = " ".join(written.split())
    exact, folded = _index(tuple(agencies))
    return exact.get(wanted) or folded.get(wanted.casefold())


@lru_cache(maxsize=16)
def _index(agencies: tuple[Agency, ...]) -> tuple[dict[str, Agency], dict[str, Agency]]:
    """Return the agencies by each form, and by the longer forms without case; the first of two wins."""
    exact: dict[str, Agency] = {}
    folded: dict[str, Agency] = {}
    for agency in agencies:
        for form in agency.written:
            exact.setdefault(form, agency)
            if len(form) > 4 and form != agency.code:
                folded.setdefault(form.casefold(), agency)
    return exact, folded


# Where a house style writes `CITY:` (South Asia, Malaysia) or `City. ` (German regional papers), only a known
# city tells a dateline from a kicker such as CLAIM: or Exclusive:.
_CITY_LINES = """
Aachen|Abu Dhabi|Abuja|Accra|Addis Ababa|Agartala|Agra|Ahmedabad|Aizawl|Ajmer|Aligarh
Allahabad|Amaravati|Amman|Amritsar|Amsterdam|Anantnag|Ankara|Athens|Atlanta|Auckland|Augsburg
Aurangabad|Ayodhya|Bad Homburg|Baden-Baden|Baghdad|Bahawalpur|Bamberg|Bangalore|Bangkok
Barcelona|Bareilly|Bayreuth|Beijing|Beirut|Belgaum|Belgrade|Bengaluru|Bergedorf|Berlin
Bharatpur|Bhopal|Bhubaneswar|Bielefeld|Bikaner|Bilaspur|Bocholt|Bochum|Bogor|Bogota|Bogotá
Bonn|Boston|Bottrop|Brandenburg|Bratislava|Braunschweig|Bremen|Bremerhaven|Brussels|Brüssel
Bucharest|Budapest|Buenos Aires|Butterworth|Cairo|Calcutta|Canberra|Cape Town|Caracas
Castrop-Rauxel|Celle|Chandigarh|Chattogram|Chemnitz|Chennai|Chicago|Chitradurga|Chittagong
Coimbatore|Colombo|Copenhagen|Cottbus|Cuttack|Cyberjaya|Dakar|Dallas|Damascus|Darjeeling
Darmstadt|Dehradun|Delhi|Denver|Dera Ismail Khan|Dessau|Detmold|Detroit|Dhaka|Dhanbad
Dharamsala|Dhule|Dibrugarh|Dimapur|Doha|Dortmund|Dresden|Dubai|Dublin|Duisburg|Durgapur|Düren
Düsseldorf|Eisenach|Emden|Erfurt|Erlangen|Erode|Essen|Esslingen|Faisalabad|Faridabad|Flensburg
Frankfurt|Frankfurt am Main|Freiburg|Fulda|Fürth|Gandhinagar|Gangtok|Gaya|Gelsenkirchen|Geneva
Genf|George Town|Gera|Ghaziabad|Gießen|Gifhorn|Gilgit|Gladbeck|Goa|Gorakhpur|Goslar|Gotha
Greater Noida|Greifswald|Guangzhou|Guntur|Gurgaon|Gurugram|Guwahati|Gwadar|Gwalior|Göttingen
Gütersloh|Hagen|Halle|Hamburg|Hamm|Hanau|Hannover|Hanoi|Haridwar|Havana|Heidelberg|Heilbronn
Helmstedt|Helsinki|Herne|Herten|Hildesheim|Hong Kong|Houston|Hubballi|Hubli|Hyderabad|Imphal
Indore|Ingolstadt|Ipoh|Iserlohn|Islamabad|Istanbul|Itanagar|Jabalpur|Jaipur|Jaisalmer|Jakarta
Jalandhar|Jammu|Jamnagar|Jamshedpur|Jeddah|Jena|Jerusalem|Jhansi|Jodhpur|Johannesburg
Johor Bahru|Johor Baru|Jorhat|Kabul|Kaiserslautern|Kajang|Kangar|Kannur|Kanpur|Karachi|Kargil
Karlsruhe|Kasaragod|Kassel|Kathmandu|Kempten|Khartoum|Kiel|Kiev|Klang|Kleve|Koblenz|Kochi
Kohima|Kolhapur|Kolkata|Kollam|Konstanz|Kota|Kota Baru|Kota Bharu|Kota Kinabalu|Kottayam
Kozhikode|Krefeld|Kuala Lumpur|Kuala Terengganu|Kuantan|Kuching|Kulim|Kurukshetra|Kyiv|Köln
Lagos|Lahore|Landshut|Larkana|Leh|Leipzig|Leverkusen|Lima|Lisbon|London|Los Angeles|Lucknow
Ludhiana|Ludwigshafen|Luxembourg|Lyon|Lübeck|Lüdenscheid|Lüneburg|Madrid|Madurai|Magdeburg
Mainz|Malacca|Manama|Mandya|Mangalore|Mangaluru|Manila|Mannheim|Marburg|Mardan|Marseille
Mathura|Meerut|Melaka|Melbourne|Menden|Mexico City|Miami|Milan|Minden|Miri|Mirpur|Moers
Mohali|Montreal|Moradabad|Moscow|Moskau|Multan|Mumbai|Muscat|Muzaffarabad|Muzaffarnagar
Muzaffarpur|Mysore|Mysuru|Mönchengladbach|Mülheim|München|Münster|Nagpur|Nainital|Nairobi
Nashik|Navi Mumbai|Nellore|Neuss|Neustadt|New Delhi|New York|Nicosia|Noida|Nordhausen|Nürnberg
Oberhausen|Offenbach|Oldenburg|Olpe|Osaka|Oslo|Osnabrück|Ottawa|Paderborn|Palakkad|Panaji
Paris|Passau|Patiala|Patna|Peine|Peshawar|Petaling Jaya|Pforzheim|Philadelphia|Phnom Penh
Port Blair|Port Dickson|Potsdam|Prague|Prayagraj|Puducherry|Pune|Puri|Putrajaya|Quetta|Raipur
Rajkot|Rajouri|Ranchi|Rastatt|Ratingen|Rawalpindi|Recklinghausen|Regensburg|Remscheid|Reutlingen
Rio de Janeiro|Riyadh|Rom|Rome|Rostock|Rotterdam|Rourkela|Saarbrücken|Salzburg|Salzgitter
Sambalpur|San Francisco|Sandakan|Santiago|Sargodha|Schwerin|Seattle|Secunderabad|Seoul|Sepang
Seremban|Shah Alam|Shanghai|Shenzhen|Shillong|Shimla|Shivamogga|Sialkot|Sibu|Siegen|Silchar
Siliguri|Singapore|Solingen|Speyer|Srinagar|Stade|Stockholm|Stralsund|Stuttgart|Suhl|Sukkur
Surat|Swat|Sydney|Sylhet|São Paulo|Taipei|Tehran|Tel Aviv|Thane|The Hague|Thiruvananthapuram
Thrissur|Tiruchi|Tirupati|Tokyo|Toronto|Trier|Tunis|Tübingen|Udaipur|Ujjain|Ulm|Unna|Vadodara
Vancouver|Varanasi|Velbert|Vellore|Vienna|Vijayawada|Visakhapatnam|Warangal|Warsaw|Warschau
Washington|Weimar|Wellington|Wesel|Wetzlar|Wien|Wiesbaden|Wilhelmshaven|Witten|Wolfenbüttel
Wolfsburg|Worms|Wuppertal|Würzburg|Yangon|Zurich|Zwickau|Zürich
"""

#: Cities, in lower case, that are datelines even before a colon, or before a full stop.
CITIES = frozenset(name.casefold() for line in _CITY_LINES.split("\n") for name in line.split("|") if name)
