"""newsds sign."""

import argparse
from typing import Any

from newsds.cli.console import GOOD, json_text, key_password, progress_bar
from newsds.cli.options import add_command

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "sign", run, "verify a release and sign it with a key of your own",
        "  openssl ecparam -name prime256v1 -genkey -noout -out maintainer.pem\n"
        "  openssl ec -in maintainer.pem -pubout -out maintainer.pub\n"
        "  newsds sign dist/newsds-sample/1.0.0 --key maintainer.pem\n"
        "  newsds verify dist/newsds-sample/1.0.0 --key maintainer.pub",
    )  # fmt: skip
    parser.add_argument("release", metavar="RELEASE", help="folder of the release")
    parser.add_argument(
        "--key",
        required=True,
        metavar="PEM",
        help="private elliptic curve key; its password is taken from NEWSDS_KEY_PASSWORD",
    )
    parser.add_argument("--force", action="store_true", help="replace the signature that is there")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="form of the result (default: text)"
    )


def run(arguments: argparse.Namespace) -> int:
    from newsds.release.signing import sign
    from newsds.release.verify import verify

    with progress_bar(arguments, "verifying", " files") as progress:
        verified = verify(arguments.release, progress=progress)
    signature = sign(arguments.release, key=arguments.key, password=key_password(), force=arguments.force)
    if arguments.format == "json":
        print(json_text({"signature": signature.as_posix(), "digest": verified.digest}))
    elif not arguments.quiet:
        print(f"{signature}: signs release {verified.digest}")
    return GOOD
