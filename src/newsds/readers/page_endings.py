"""Where a body ends although prose goes on: comments of readers, and other articles of the site."""

import re
from collections.abc import Sequence

from newsds.later import later_pattern
from newsds.readers.page_lines import Line

__all__ = ["cut_body"]

# A comment by its head ("Ann on March 4, 2026 at 5:23 pm said:"), or the head of all ("34 responses to “...”").
_COMMENTS = later_pattern(
    r"\[?\s?\d[\d,.]{0,8}\s(?:responses?|thoughts?|replies|comments?|réponses?|commentaires?|respuestas?|comentarios?|"
    r"antworten|kommentare|gedanken|reacties|commenti)\s(?:to|on|à|sur|en|a|zu|op|su)\s[“\"'«‘„]|"
    r".{1,60}\bon\s\w{3,10}\s\d{1,2},?\s\d{4}\sat\s\d{1,2}:\d\d\s?[ap]m\s(?:said|says|wrote)\s?:?$",
    re.IGNORECASE,
)
# Lines that stand above links to other articles, or above comments; each is the whole line.
_CLOSER_PHRASES = """
related related_links related_articles related_content related_stories related_news related_topics related_posts
related_reading related_coverage editor's_picks editors'_picks editors'_recommendations recommended
recommended_stories recommended_reading recommended_for_you you_might_also_like you_may_also_like you_might_like
you_may_like read_next next_read_this read_this_next up_next next_up most_popular most_read most_viewed
people_are_also_reading more_stories more_news trending trending_now latest latest_news latest_stories top_stories
popular_stories what_to_read_next keep_reading also_read see_also recent_posts recent_articles about_the_author
about_the_authors from_our_partners sponsored_content promoted_content around_the_web don't_miss leave_a_reply
leave_a_comment post_a_comment add_a_comment join_the_conversation join_the_discussion comments
mehr_zum_thema das_könnte_sie_auch_interessieren das_könnte_dich_auch_interessieren auch_interessant
weitere_artikel weitere_themen weitere_nachrichten weitere_meldungen meistgelesen meistgelesene_artikel
passend_zum_thema über_den_autor über_die_autorin kommentare kommentar_schreiben
à_lire_aussi à_lire_également lire_aussi sur_le_même_sujet sur_le_même_thème articles_liés les_plus_lus
commentaires vos_commentaires
te_puede_interesar también_te_puede_interesar noticias_relacionadas artículos_relacionados temas_relacionados
más_noticias lo_más_leído lo_más_visto comentarios
articoli_correlati leggi_anche potrebbe_interessarti i_più_letti commenti notícias_relacionadas leia_também
veja_também leia_mais mais_lidas você_pode_gostar relacionadas comentários
lees_ook meer_over_dit_onderwerp meest_gelezen gerelateerde_artikelen reacties läs_också läs_mer les_også les_mer
læs_også mest_lest kommentarer lue_myös luetuimmat czytaj_także zobacz_także komentarze читайте_также комментарии
関連記事 あわせて読みたい 人気記事 コメント 相关阅读 相关新闻 延伸阅读 评论 관련기사 댓글
اقرأ_أيضا اقرأ_أيضًا مواضيع_ذات_صلة التعليقات
"""
_CLOSERS = frozenset(phrase.replace("_", " ") for phrase in _CLOSER_PHRASES.split())
_MARKS = " :…»>.!-–—•·|[]()0123456789"

#: What follows such a line is not the article's if it looks less like prose than this share of what stands before.
_LEAST_LIKENESS = 0.6
#: Fewer words than these above such a line, and it is none of the body's ends.
_LEAST_WORDS = 25


def cut_body(lines: Sequence[Line], scores: Sequence[float], body: Sequence[int]) -> list[int]:
    """Return the body up to the first comment, or to links below it that lead to other articles.

    Such links also stand between paragraphs: what follows them tells, the rest of the article or teasers.

    Args:
        lines: of the page.
        scores: of the lines, see `newsds.readers.page_lines.line_scores`.
        body: indices of the lines that make the body.
    """
    inside = set(body)
    below, n_below = sum(scores[index] for index in body), len(body)
    above, n_above, n_words = 0.0, 0, 0
    for index in range(body[0], body[-1]) if body else ():
        line = lines[index]
        if n_words >= _LEAST_WORDS and line.text:
            is_worse = below / n_below < _LEAST_LIKENESS * above / n_above
            if (is_worse and is_closer(line)) or _COMMENTS.match(line.text[:200]):
                return [before for before in body if before < index]
        if index in inside:
            above, below = above + scores[index], below - scores[index]
            n_above, n_below, n_words = n_above + 1, n_below - 1, n_words + line.n_words
    return list(body)


def is_closer(line: Line) -> bool:
    """Tell whether a line is one that stands above links to other articles, or above comments."""
    return line.n_words <= 8 and line.text.lower().replace("’", "'").strip(_MARKS) in _CLOSERS
