"""House checks: the documentation knows every command and every option, and its examples are those of the tools."""

import argparse
import re
import runpy
import shlex
from pathlib import Path

import jsonschema
import pytest
import yaml

import newsds
from newsds.cli import make_parser
from newsds.cli.manual import iter_commands, manual
from newsds.readers.shapes import TARGETS
from newsds.reporters import FORMS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(page for page in DOCS.rglob("*.md") if page.parent.name != "rules")
COMMANDS = dict(iter_commands(make_parser()))
LEAVES = {
    name: parser
    for name, parser in COMMANDS.items()
    if not any(other.startswith(f"{name} ") for other in COMMANDS)
}


def _blocks(language: str, *, page: Path) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def test_the_page_of_the_commands_is_the_parsers() -> None:
    written = (DOCS / "reference" / "cli.md").read_text()
    assert written == manual(make_parser()), "write the page anew: make docs"


def test_the_page_of_the_verbs_is_their_docstrings() -> None:
    page = runpy.run_path(str(DOCS / "generate.py"))["python_page"]()
    assert (DOCS / "reference" / "python.md").read_text() == page, "write the page anew: make docs"
    functions = {name for name in newsds.__all__ if name[0].islower() and callable(getattr(newsds, name))}
    assert functions == set(re.findall(r"^## newsds\.(\w+)", page, flags=re.MULTILINE))


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_has_examples_that_it_takes(name: str) -> None:
    parser = LEAVES[name] if name in LEAVES else COMMANDS[name]
    top = COMMANDS[name.split(maxsplit=1)[0]]
    text = (parser.epilog or "") + (top.epilog or "")
    examples = [
        line.strip()
        for line in text.splitlines()
        if line.strip().startswith(f"newsds {name.split(maxsplit=1)[0]}")
    ]
    assert examples, f"newsds {name} --help shows no example"
    for line in examples:
        _parse(re.split(r"\s{3,}", line)[0])


def _parse(line: str) -> argparse.Namespace:
    words = shlex.split(line.partition(" | ")[0].partition(" > ")[0], comments=True)
    try:
        return make_parser().parse_args(words[1:])
    except SystemExit:
        raise AssertionError(f"newsds does not take: {line}") from None


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name: str) -> None:
    for action in COMMANDS[name]._actions:
        is_command = isinstance(action, argparse._SubParsersAction)
        assert action.help or is_command, f"newsds {name}: {action.option_strings or action.dest} has no help"


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_the_commands_of_a_page_are_commands(page: Path) -> None:
    for block in (*_blocks("console", page=page), *_blocks("bash", page=page), *_blocks("", page=page)):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("$ newsds "):
                _parse(line[2:])


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_links_to_other_pages_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```|`[^`\n]*`", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        path = target.partition("#")[0]
        if path and "://" not in target:
            assert (page.parent / path).exists(), target


def test_every_public_name_of_the_package_is_there() -> None:
    for name in newsds.__all__:
        assert getattr(newsds, name).__doc__, name


class TestCi:
    """The snippets of the page on CI are valid for those who read them."""

    PAGE = DOCS / "howto" / "ci.md"

    def _snippet(self, name: str) -> dict:
        (text,) = [block for block in _blocks("yaml", page=self.PAGE) if name in block.splitlines()[0]]
        return yaml.safe_load(text)

    def test_the_workflow_uses_inputs_of_the_action(self) -> None:
        steps = self._snippet("workflows/data.yml")["jobs"]["validate"]["steps"]
        ours = next(step for step in steps if "/newsds@" in step["uses"])
        action = yaml.safe_load((ROOT / "action.yml").read_text())
        assert set(ours["with"]) <= set(action["inputs"])
        assert all(re.search(r"@[0-9a-f]{40}$", step["uses"]) for step in steps if step is not ours)
        assert all(f"`{name}`" in self.PAGE.read_text() for name in [*action["inputs"], *action["outputs"]])

    def test_the_job_writes_the_reports_it_names(self) -> None:
        job = self._snippet(".gitlab-ci.yml")["validate"]
        command = next(line for line in job["script"] if line.startswith("newsds"))
        outputs = dict(text.split("=") for text in _parse(command).output)
        reports = job["artifacts"]["reports"]
        assert outputs == {"gitlab": reports["codequality"], "junit": reports["junit"]}

    def test_the_hooks_are_ours(self) -> None:
        (repo,) = self._snippet(".pre-commit-config.yaml")["repos"]
        hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
        for hook in repo["hooks"]:
            _parse(shlex.join([*hooks[hook["id"]]["entry"].split(), *hook["args"], "a.jsonl"]))


def test_the_page_on_reports_knows_every_form() -> None:
    rows = re.findall(
        r"(?m)^\| `([a-z]+)` \| [^|]+ \| ([\d,]+) \|", (DOCS / "reference" / "report.md").read_text()
    )
    assert {name: int(n.replace(",", "")) for name, n in rows} == {
        name: form.n_listed for name, form in FORMS.items()
    }


def test_the_changelog_is_one_of_the_known_kind() -> None:
    headings = re.findall(r"(?m)^### (.*)$", (ROOT / "CHANGELOG.md").read_text())
    jsonschema.validate(
        headings, {"items": {"enum": ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]}}
    )


def test_the_page_on_reading_knows_every_target() -> None:
    page = (DOCS / "howto" / "read.md").read_text().partition("## Names that `--map` takes")[2]
    rows = re.findall(r"(?m)^\| `(\w+)` \| (.*) \|$", page)
    assert {name: tuple(re.findall(r"`(\w+)`", names)) for name, names in rows} == TARGETS
