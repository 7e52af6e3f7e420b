"""What is wrong with a call is one line that says where to read on."""

import pytest

from newsds.cli import main


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["read"], "newsds read: the following arguments are required: INPUT (try newsds read --help)"),
        (["read", "a", "--frce"], "newsds read: unrecognized arguments: --frce (try newsds read --help)"),
        (["schema", "show", "x"], "newsds schema show: unrecognized arguments: x (try newsds schema show --help)"),
        (["schema", "diff", "1.0.0"], ("newsds schema diff: the following arguments are required: NEW "
         "(try newsds schema diff --help)")),
        ([], "newsds: the following arguments are required: COMMAND (try newsds --help)"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_a_usage_error_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert capsys.readouterr().err == f"{said}\n"


def test_a_command_that_is_not_there_is_compared_with_those_that_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["vaildate", "a.jsonl"])
    assert "there is no command 'vaildate'; did you mean validate?" in capsys.readouterr().err
