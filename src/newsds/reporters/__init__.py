"""The forms of a report: each writes the same findings for another reader."""

from newsds.reporters.concise import to_concise
from newsds.reporters.form import Form, Setting
from newsds.reporters.full import to_full
from newsds.reporters.github import to_github
from newsds.reporters.gitlab import to_gitlab
from newsds.reporters.json_lines import to_json_lines
from newsds.reporters.json_report import to_json
from newsds.reporters.junit import to_junit
from newsds.reporters.markdown import to_markdown
from newsds.reporters.sarif import to_sarif

__all__ = ["FORMS", "Form", "Setting"]

#: Name on the command line to form.
FORMS = {
    "concise": Form(to_concise, n_listed=100),
    "full": Form(to_full, n_listed=100),
    "json": Form(to_json, n_listed=1_000),
    "jsonl": Form(to_json_lines, n_listed=1_000),
    "sarif": Form(to_sarif, n_listed=4_999, limit=24_999),
    "junit": Form(to_junit, n_listed=1_000),
    "github": Form(to_github, n_listed=30),
    "gitlab": Form(to_gitlab, n_listed=1_000),
    "markdown": Form(to_markdown, n_listed=50, limit=500),
}
