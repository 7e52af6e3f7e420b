"""newsds build."""

import argparse
from typing import Any

from newsds.cli.console import FINDINGS, GOOD, json_text, key_password, progress_bar, say
from newsds.cli.options import add_command

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "build", run, "read, validate, dedupe, split and write a release",
        "  newsds build                  the dataset project in this folder, to dist/NAME/VERSION\n"
        "  newsds build my-dataset -o releases/\n"
        "  newsds build --index seen/           a dataset that grows: compared with the releases before, and added to them\n"
        "  newsds build --key maintainer.pem",
    )  # fmt: skip
    parser.add_argument(
        "project",
        nargs="?",
        default=".",
        metavar="DIR",
        help="folder with a datapackage.json (default: this one)",
    )
    parser.add_argument(
        "-o", "--output", default="dist", metavar="DIR", help="folder of releases (default: dist)"
    )
    parser.add_argument(
        "--index",
        metavar="DIR",
        help="index of earlier releases: copies of their articles are told, clusters and splits stay (default: that of the "
        "project)",
    )
    parser.add_argument(
        "--keep-splits",
        metavar="FILE|RELEASE",
        help="what was split there keeps its split: a release, or a table with id and split (default: that of the project)",
    )
    parser.add_argument(
        "--key",
        metavar="PEM",
        help="private key to sign the release with; its password is taken from NEWSDS_KEY_PASSWORD",
    )
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="form of the summary (default: text)"
    )


def run(arguments: argparse.Namespace) -> int:
    from newsds.release.build import build

    with progress_bar(arguments, "building") as progress:
        built = build(
            arguments.project,
            arguments.output,
            index=arguments.index,
            keep_splits=arguments.keep_splits,
            key=arguments.key,
            password=key_password(),
            progress=progress,
        )
    if arguments.format == "json":
        print(json_text(built.to_dict()))
    elif not arguments.quiet or built.path is None:
        print(built.to_text())
    for fault in built.faults:
        say(f"newsds: {fault}")
    return GOOD if built.path is not None and not built.faults else FINDINGS
