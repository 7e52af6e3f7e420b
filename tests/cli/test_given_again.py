"""Pages that were collected twice: one id, one text."""

from newsds.cli import main

PAGE = """Ferry line adds a boat

By Ada Holm

PORT HALDEN (Northwire) - The ferry line will add a third boat in June, its director told the harbour board on
Monday. The boat was built in 2011 and has carried cars across the northern sound for eleven summers.

The board had asked for a boat since the old one broke down twice in the first week of the holidays.
"""


def test_pages_that_were_collected_twice_are_compared_once(tmp_path, capsys):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(PAGE)
    (tmp_path / "c.txt").write_text(PAGE.replace("ferry line", "shipping line"))
    assert main(["dedupe", str(tmp_path), "-o", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr()
    assert "and left out: 1" in shown.err
    assert "articles               2" in shown.out
    assert main(["dedupe", str(tmp_path), "-o", str(tmp_path / "quiet"), "-q"]) == 0
    assert not capsys.readouterr().err
