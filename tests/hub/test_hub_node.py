"""The test Hub, driven by npm's `@huggingface/hub`: a second client, written by other hands."""

import hashlib

from hub.repository import ATTRIBUTES
from hub.state import WRITER, Hub
from node.client import node_modules, run_node


def test_the_npm_client_sends_and_reads(lfs_hub: Hub) -> None:
    modules = node_modules("@huggingface/hub")
    seen = run_node("hub_round_trip.mjs", str(modules), lfs_hub.address, WRITER, "org/news")
    assert seen["commit"] == lfs_hub.repository("org/news").branches["main"]
    assert seen["stale"] == 412
    assert seen["files"] == {
        ".gitattributes": hashlib.sha256(ATTRIBUTES).hexdigest(),
        "README.md": hashlib.sha256(b"# news\n").hexdigest(),
        "data/large.bin": seen["large"],
    }
