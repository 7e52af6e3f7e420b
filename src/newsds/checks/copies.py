"""Rules on copies of one article (6xx, 7xx): their names; `newsds.copies` compares the texts."""

from newsds.checks.rule import Rule

__all__ = ["RULES"]

RULES = (
    Rule(
        code="NDS603",
        name="near-copy",
        level="warning",
        scope="copies",
        summary="Two records are copies of one article, though their texts are not equal.",
        why="Wire copy with other words round it, misread, or written anew from the same facts: counts are wrong, "
        "and a random split leaks. Notices made from one template are left alone. The earlier copy is not reported.",
        bad="a story, and the same story under a dateline with three words changed",
        good="one of the two",
        fix="newsds dedupe says which copy to keep; split by cluster",
    ),
    Rule(
        code="NDS606",
        name="shorter-or-longer-version",
        level="info",
        scope="copies",
        summary="A record is a shorter or longer version of another, or stands inside it.",
        why="Editors cut from the end, and agencies add: whoever measures likeness alone misses it. "
        "Digests that hold a story count.",
        bad="the first four paragraphs of a story of ten",
        good="one of the two",
        fix="newsds dedupe says which version is the longest; split by cluster",
    ),
    Rule(
        code="NDS641",
        name="superseded-version",
        level="warning",
        scope="copies",
        summary="A later version corrects or updates this record.",
        why="What is known to be wrong or old is then learned. The later version says so in its headline or text "
        "(CORRECTED, UPDATE 2, REFILE), and the texts confirm it.",
        bad="the story with the wrong figure beside its correction",
        good="the correction, with `supersedes`",
        fix="keep the latest version, or mark the earlier one as corrected",
    ),
    Rule(
        code="NDS702",
        name="near-leak",
        level="error",
        scope="copies",
        summary="Copies of one article are in two splits.",
        why="The test then asks what was learned by heart. Texts that are equal are NDS701. The later copy is "
        "reported, or the one that is not in train; the splits are those of the project's task.",
        bad="a story in train and its shortened version in test",
        good="both in train",
        fix="split by cluster: newsds split",
    ),
)
