"""Words that are common in news whatever the corpus: what a small corpus cannot tell."""

from functools import cache

import numpy as np

from newsds.dedup.features import extract_features
from newsds.dedup.tallies_numpy import Common

__all__ = ["expect"]

#: Words by the share of texts that have them.
_SHARES = {
    0.6: """
        the of to and a in said for it on that is was by with at from its be as an has he are which will were had not this
        der die das und in den von zu mit sich auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie
        nach bei um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man sei wird
        le la les de des et à un une du en que qui dans pour au il sur plus par ce pas ne se est avec son aux sont cette
        el los las y que en un una por con para se del al lo como más su sus pero o fue ha es no le este entre
        o a os as e do da dos das em um uma para com não por mais na no se ao foi como
        il di che e la in per un una del con non si da al della dei le sono i gli alla nel ha dal
        het een van en dat op te zijn voor met niet aan er om ook als bij maar uit nog werd heeft
        и в на с что по из к о за для от как не его это но
        في من على أن إن إلى عن מן של על את לא के में की है और से का को ने कि
        した する して いる ある こと という ました です ます ที่ และ ของ ใน การ เป็น ได้ ว่า มี จาก ให้ กับ ไม่
    """,
    0.2: """
        one two first last new year years week month months day days today yesterday time also they their his her she we
        who have been more than but or about up out after before over would could should can may into when while other
        some most all no any there these those under between against because since during through so if what
        company government president officials official minister people country state market percent pct million mln
        billion dlrs told reported report statement spokesman added according three four five six made make expected
        january february march april june july august september october november december
        monday tuesday wednesday thursday friday saturday sunday s u u.s
        он она они был была были сообщил сообщила заявил заявила сказал сказала также который года после словам
        قال قالت وقال وقالت أعلن أعلنت وأعلن ذكر ذكرت أكد وأكد أضاف وأضاف أوضح حسبما وفقا كما هذا هذه التي الذي كان كانت قد
        لم لا ما بعد قبل حتى منذ خلال بين أو ثم غير يوم شركة وزارة رئيس حكومة بيان مسؤول مسؤولون لوكالة للصحفيين عام مليون
        الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد אמר אמרה הוא היא גם כי אמרו הודיעה הודיע
        कहा बताया यह वह भी नहीं एक इस उस लिए साथ बाद अपने हो गया गई किया दिया रहे रहा हैं था थे थी पर कंपनी सरकार
        सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार
        밝혔다 말했다 전했다 있다 했다 위해 대한 것으로 이날 지난 오전 오후 따르면 관련 등 및 대해 통해 이번
        월요일 화요일 수요일 목요일 금요일 토요일 일요일
        表示 记者 記者 报道 報道 公司 政府 总统 總統 官员 今天 昨天 他们 我们 一个 没有 已经 因为 以及 目前 宣布 认为
        进行 通过 可能 星期一 星期二 星期三 星期四 星期五 星期六 星期日 周一 周二 周三 周四 周五 指出 称 其中 同时 但是
        によると について 述べた 語った 明らか 発表 会社 月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日
        กล่าว ความ แต่ โดย จะ ผู้ นี้ คน เมื่อ วัน บริษัท รัฐบาล จันทร์ อังคาร พุธ พฤหัสบดี ศุกร์
    """,
}


@cache
def expect(n_texts: int) -> Common:
    """Return the words, and in how many of so many texts each is expected to be."""
    hashes, counts = [], []
    for share, words in _SHARES.items():
        tokens = extract_features([words], n_shingle=1, engine="numpy").tokens.values
        hashes.append(tokens)
        counts.append(np.full(len(tokens), int(share * n_texts)))
    known, places = np.unique(np.concatenate(hashes), return_index=True)
    leading, at = np.unique(known >> np.uint64(48), return_index=True)
    first = np.full(1 << 16, -1, np.int16)
    first[leading] = at
    return Common(known, np.concatenate(counts)[places], first)
