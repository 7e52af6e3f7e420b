"""Patterns and modules that are made when they are first used."""

import re
import subprocess
import sys

import pytest

from newsds.later import later_module, later_pattern


def test_a_later_pattern_does_as_the_compiled_one() -> None:
    later, compiled = later_pattern("(a)b?", re.IGNORECASE), re.compile("(a)b?", re.IGNORECASE)
    assert later.findall("xABa") == compiled.findall("xABa")
    assert later.fullmatch("AB")[1] == "A"
    assert later.pattern == compiled.pattern
    assert later.flags == compiled.flags


def test_a_later_pattern_is_compiled_on_first_use() -> None:
    later = later_pattern("(")
    with pytest.raises(re.error):
        later.search("")


def test_a_later_module_is_imported_on_first_use() -> None:
    code = (
        "import sys; from newsds.later import later_module; json = later_module('json.tool');"
        "assert 'json.tool' not in sys.modules; json.main; assert 'json.tool' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert later_module("math").pi > 3
    with pytest.raises(AttributeError):
        later_module("math").nothing  # noqa: B018


def modules_of(*arguments: str) -> set[str]:
    """Return the modules that a command loads."""
    code = (
        "import sys; from newsds.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print('\\n' + ' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True
    )
    return set(done.stdout.splitlines()[-1].split())


def test_the_version_loads_no_command() -> None:
    assert not {"newsds.cli.validate", "newsds.findings", "dataclasses", "orjson"} & modules_of("--version")


def test_a_command_loads_no_other(tmp_path) -> None:
    loaded = modules_of("validate", "--rules", "record", str(tmp_path))
    assert "newsds.checks.checker" in loaded
    assert not {"newsds.cli.build", "newsds.cli.publish", "numpy", "pyarrow"} & loaded
