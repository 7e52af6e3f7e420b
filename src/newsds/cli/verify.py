"""newsds verify."""

import argparse
from typing import Any

from newsds.cli.console import FINDINGS, GOOD, json_text, progress_bar, say
from newsds.cli.options import add_command

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "verify", run, "recompute every hash and count of a release",
        "  newsds verify dist/newsds-sample/1.0.0\n"
        "  newsds verify release/ --digest 9f1c...   also prove that it is the release you pinned\n"
        "  newsds verify release/ --key maintainer.pub   and who signed it",
    )  # fmt: skip
    parser.add_argument("release", metavar="RELEASE", help="folder of the release")
    parser.add_argument(
        "--digest",
        metavar="SHA256",
        help="release digest that an earlier `newsds verify` or `newsds build` printed",
    )
    parser.add_argument("--key", metavar="PEM", help="public key with which the release must be signed")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="form of the result (default: text)"
    )


def run(arguments: argparse.Namespace) -> int:
    from newsds.errors import IntegrityError
    from newsds.release.verify import verify

    try:
        with progress_bar(arguments, "verifying", " files") as progress:
            verified = verify(
                arguments.release, digest=arguments.digest, key=arguments.key, progress=progress
            )
    except IntegrityError as error:
        problems = getattr(error, "problems", None) or (str(error),)
        if arguments.format == "json":
            print(json_text({"ok": False, "problems": list(problems)}))
        else:
            for problem in problems:
                say(f"newsds: {problem}")
        return FINDINGS
    if arguments.format == "json":
        print(json_text({"ok": True, **verified.to_dict()}))
    elif not arguments.quiet:
        print(verified.to_text())
    return GOOD
