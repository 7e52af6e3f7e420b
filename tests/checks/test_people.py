import pytest

from checks.records import complete
from newsds.checks.people import mail_address


@pytest.mark.parametrize(
    ("address", "is_desk"),
    [
        ("newsroom@coast.example", True),
        ("ir.asia@coast.example", True),
        ("Press-Office@coast.example", True),
        ("irina@coast.example", False),
        ("adsmith@coast.example", False),
        ("ana.ruiz@coast.example", False),
    ],
)
def test_the_address_of_a_desk_is_of_level_info(address: str, *, is_desk: bool) -> None:
    (hit,) = mail_address(complete({"body": f"Write to {address}, he said."}))
    assert (hit.level == "info") == is_desk
    assert hit.evidence == address


def test_one_address_of_a_person_is_enough_for_the_level_of_the_rule() -> None:
    (hit,) = mail_address(complete({"body": "Write to press@coast.example or ana@coast.example."}))
    assert hit.level is None
