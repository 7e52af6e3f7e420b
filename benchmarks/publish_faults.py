"""Kill the publisher before and after every request of a release, while a reader looks on; print what was read.

Each publisher is a process that gets SIGKILL from the server: once before it acts upon a request, once when it has acted
but not answered. The next publisher goes on from what the last one left. After every kill, and all the time in between,
a reader takes every branch and tag (or the pointer), and checks that what it finds is one whole release.

    python benchmarks/publish_faults.py                    the Hub with 600 files, and Xet and S3 with fewer
    python benchmarks/publish_faults.py --files 60 lfs     one target
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from targets.fault_runs import kill_on_hub, kill_on_s3  # the tests' own server and readers
from targets.faults import Report
from targets.releases import write_release

#: Files of a release of one shard beside the shards.
DOCUMENTS = 8

#: Target to the number of files by default; what goes by S3 is slow here because every fork makes a client anew.
FILES = {"lfs": 600, "xet": 100, "s3": 40}


def measure(target: str, n_files: int, folder: Path) -> Report:
    old = write_release(folder / "old", n_shards=5)
    new = write_release(
        folder / "new", version="1.3.0", n_shards=n_files - DOCUMENTS, words=" It was corrected."
    )
    if target == "s3":
        return kill_on_s3(folder, old, new, tell=tell)
    return kill_on_hub(folder, old, new, has_xet=target == "xet", tell=tell)


def tell(report: Report) -> None:
    """Show how far it is, now and then."""
    if report.kills.total() % 100 == 0:
        print(
            f"... {report.kills.total():,} killed, {len(report.torn)} torn reads, {report.seconds:.0f} s",
            file=sys.stderr,
        )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="*", default=list(FILES), choices=FILES, metavar="lfs|xet|s3")
    parser.add_argument(
        "--files", type=int, help="files of the release (default: 600 for lfs, 100 for xet, 40 for s3)"
    )
    arguments = parser.parse_args()
    is_whole = True
    for target in arguments.targets:
        with tempfile.TemporaryDirectory() as folder:
            report = measure(target, arguments.files or FILES[target], Path(folder))
        print(report.to_text(), flush=True)
        is_whole = is_whole and report.is_complete and not report.torn and not report.n_sent_twice
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
