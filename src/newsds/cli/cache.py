"""newsds cache."""

import argparse
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from newsds.cli.console import FINDINGS, GOOD, json_text, say
from newsds.cli.options import add_command
from newsds.errors import UsageError

if TYPE_CHECKING:
    from newsds.loader.address import Address
    from newsds.loader.cache import Cache, Pin

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "cache", run, "list, clean or verify what newsds load has fetched",
        "  newsds cache list\n"
        "  newsds cache clean hf://datasets/org/news@1.2.0   forget one release\n"
        "  newsds cache clean                                forget all, but what is in use\n"
        "  newsds cache verify",
    )  # fmt: skip
    parser.add_argument(
        "action",
        choices=("list", "clean", "verify"),
        metavar="ACTION",
        help="list, clean, or verify: hash all files anew, and drop damaged ones",
    )
    parser.add_argument(
        "where",
        nargs="*",
        default=[],
        metavar="WHERE",
        help="clean: only releases of a place, with @VERSION only one",
    )
    parser.add_argument("--cache", metavar="DIR", help="folder of the cache (default: that of the user)")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="form of the result (default: text)"
    )


def run(arguments: argparse.Namespace) -> int:
    from newsds.loader.cache import Cache

    if arguments.where and arguments.action != "clean":
        raise UsageError(f"cache {arguments.action} takes no places")
    cache = Cache.of(os.environ, arguments.cache)
    return {"list": _list, "clean": _clean, "verify": _verify}[arguments.action](cache, arguments)


def _list(cache: "Cache", arguments: argparse.Namespace) -> int:
    releases = [_entry(cache, pin) for pin in cache.pins()]
    n_bytes = sum(item.n_bytes for item in cache.objects())
    if arguments.format == "json":
        total = {"folder": str(cache.folder), "n_bytes": n_bytes, "max_bytes": cache.max_bytes}
        print(json_text({**total, "releases": releases}))
        return GOOD
    for item in releases:
        print(
            f"{item['place']}@{item['version']}  {item['n_cached']} of {item['n_files']} files, "
            f"{item['n_bytes']:,} bytes"
        )
    if not arguments.quiet:
        say(f"{cache.folder}: {n_bytes:,} of {cache.max_bytes:,} bytes")
    return GOOD


def _entry(cache: "Cache", pin: "Pin") -> dict[str, Any]:
    """Return what the cache has of a release."""
    from newsds.loader.manifests import parse_manifest

    manifest = parse_manifest(pin.manifest.encode(), where=f"{pin.place}@{pin.version}")
    held = [shard for shard in manifest.files if cache.path(shard.sha256).exists()]
    return {
        "place": pin.place,
        "name": manifest.name,
        "version": pin.version,
        "n_files": len(manifest.files),
        "n_cached": len(held),
        "n_bytes": sum(shard.n_bytes for shard in held),
    }


def _clean(cache: "Cache", arguments: argparse.Namespace) -> int:
    from newsds.loader.address import Address

    if not arguments.where:
        n_bytes = cache.clean()
    else:
        n_bytes = sum(_forget(cache, Address.parse(where)) for where in arguments.where)
    if arguments.format == "json":
        print(json_text({"n_bytes": n_bytes}))
    elif not arguments.quiet:
        say(f"{n_bytes:,} bytes dropped")
    return GOOD


def _forget(cache: "Cache", address: "Address") -> int:
    """Forget the releases an address means, and return the bytes dropped."""
    from newsds.semver import Version

    pins = [
        pin
        for pin in cache.pins(address.key(os.environ))
        if address.wanted is None or Version.parse(pin.version) in address.wanted
    ]
    if not pins:
        raise UsageError(f"{address}: no such release in the cache; newsds cache list shows them")
    for pin in pins:
        cache.unpin(pin.place, pin.version)
    return cache.drop(_files(pins) - _files(cache.pins()))


def _files(pins: Iterable["Pin"]) -> set[str]:
    """Return the hashes of the files of some releases."""
    from newsds.loader.manifests import parse_manifest

    return {shard.sha256 for pin in pins for shard in parse_manifest(pin.manifest.encode()).files}


def _verify(cache: "Cache", arguments: argparse.Namespace) -> int:
    n_objects = len(cache.objects())
    damaged = [item.sha256 for item in cache.damaged()]
    if arguments.format == "json":
        print(json_text({"n_files": n_objects, "damaged": damaged}))
    else:
        for sha256 in damaged:
            say(f"newsds: {sha256}: damaged, and dropped; it will be fetched again")
        if not arguments.quiet:
            say(f"{n_objects:,} files, {len(damaged):,} damaged")
    return FINDINGS if damaged else GOOD
