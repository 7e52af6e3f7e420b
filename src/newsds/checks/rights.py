"""Rules on rights (52x): the licence of the dataset, what publishers reserve, and who opted out."""

from collections.abc import Iterator

from newsds.article import Record
from newsds.checks import traits
from newsds.checks.census import Census
from newsds.checks.identity import host_of
from newsds.checks.rule import Hit, Rule, SetHits
from newsds.checks.sets import group_of
from newsds.project import RuleChoices
from newsds.text import text_digest

__all__ = ["RULES"]

#: Beginnings of licences that let anybody pass the text on.
_OPEN = ("cc0", "cc-by", "odc-by", "odbl", "pddl", "cdla", "public domain", "publicdomain", "http://creativecommons.org",
         "https://creativecommons.org", "mit", "apache")  # fmt: skip


def licensed(census: Census) -> SetHits:
    """A dataset names its licence."""
    if census.choices.licenses == ():
        yield None, Hit("/licenses", "the descriptor names no licence of the dataset")


def rights_stated(census: Census) -> SetHits:
    """Of every publisher some record says what rights there are."""
    if census.choices.licenses is None:
        return
    for numbers in census.groups(census.publisher, least=1):
        if not (census.traits[numbers] & traits.STATES_RIGHTS).any():
            message = f"no record of {census.name(census.publisher[numbers[0]])} states its rights ({len(numbers):,})"
            group = group_of(census.publisher[numbers[0]])
            yield census.anchor(numbers), Hit("/rights", message, group=group)


def licence_allowed(census: Census) -> SetHits:
    """The dataset's licence gives away nothing that a publisher reserves."""
    licences = census.choices.licenses or ()
    free = next((name for name in licences if name.lower().startswith(_OPEN)), None)
    if free is None:
        return
    for numbers in census.groups(
        census.publisher, least=1, among=(census.traits & traits.RESERVES_RIGHTS) > 0
    ):
        name = census.name(census.publisher[numbers[0]])
        message = f"the dataset is under {free}, and {len(numbers):,} records of {name} reserve their rights"
        group = group_of(census.publisher[numbers[0]])
        yield census.anchor(numbers), Hit("/rights", message, group=group)


def _domains(record: Record) -> Iterator[tuple[str, str]]:
    publisher = record.get("publisher") or {}
    for pointer, value in (("/domain", record.get("domain")), ("/publisher/domain", publisher.get("domain"))):
        if value:
            yield pointer, value.lower()
    if record.get("url"):
        yield "/url", host_of(record["url"])


def opted_in(record: Record, choices: RuleChoices) -> Iterator[Hit]:
    """Nothing is in the data whose publisher asked to be left out."""
    if not choices.opted_out:
        return
    for pointer, domain in _domains(record):
        labels = domain.split(".")
        parents = {".".join(labels[place:]) for place in range(len(labels))}
        if parents & choices.opted_out:
            yield Hit(pointer, f"{domain} is on the list of those who opted out")
            return
    digests = {record.get("text_sha256"), text_digest(record.get("body") or "")}
    if digests & choices.opted_out:
        yield Hit("/body", "this text is on the list of those that were taken down")


RULES = (
    Rule(
        code="NDS520",
        name="no-licence",
        level="warning",
        scope="set",
        summary="The dataset names no licence.",
        why="Of 1,800 public text sets 70 % leave it out, and nobody may then use them for sure. Looked at where there "
        "is a datapackage.json.",
        bad="a datapackage.json without licenses",
        good='"licenses": [{ "name": "CC-BY-4.0" }]',
        fix="name the licence of your compilation under licenses; that of the articles stands in their rights",
        check_set=licensed,
    ),
    Rule(
        code="NDS521",
        name="rights-unknown",
        level="info",
        scope="source",
        summary="No record of a publisher says what rights there are.",
        why="Neither a licence nor a notice nor terms were kept, so that nobody can tell later what was allowed. One "
        "finding per publisher, where there is a datapackage.json; the profile release requires rights of every "
        "record.",
        bad='"rights": null in all records of a publisher',
        good='"rights": { "copyright_notice": "© Coast Courier" }',
        fix="keep the notice and the signals of the page in rights",
        check_set=rights_stated,
    ),
    Rule(
        code="NDS522",
        name="licence-conflict",
        level="warning",
        scope="source",
        summary="The dataset's licence gives away what a publisher reserves.",
        why="The descriptor names an open licence, and records reserve text and data mining or all rights. A signal, no "
        "legal verdict.",
        bad='CC-BY-4.0 over records with "tdm_reservation": true',
        good="a licence for the compilation alone, and texts left out (stand-off)",
        fix="release without the texts, ask the publisher, or name the licence of the compilation alone",
        check_set=licence_allowed,
    ),
    Rule(
        code="NDS523",
        name="opted-out",
        level="error",
        scope="record",
        summary="The record is of a publisher, or has a text, that must not be in the dataset.",
        why="Publishers ask to be left out, and a text that was taken down comes back with the next crawl. Domains and "
        "SHA-256 of texts are listed under newsds.opted_out; subdomains are included.",
        bad="https://blog.ledger.example/a while ledger.example opted out",
        good="(the record is left out)",
        fix="leave the record out",
        check=opted_in,
        is_chosen=True,
    ),
)
