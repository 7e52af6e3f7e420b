"""`newsds publish` as its user runs it, but with every log there is."""

import os
import subprocess
import sys
from pathlib import Path

LOUD = """
import logging, sys
logging.basicConfig(level=sys.argv[1])
from newsds.cli import main
sys.exit(main(sys.argv[2:]))
"""


def run_loudly(
    folder: Path, *arguments: str, level: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the command; all that it may write lies in one folder.

    Args:
        folder: home, working folder and place of temporary files.
        arguments: those of `newsds publish`.
        level: of the logs.
        variables: of the environment.
    """
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    own = {"HOME": str(folder), "TMPDIR": str(folder / "tmp"), "HF_HOME": str(folder / "hf")}
    loud = {"HF_HUB_VERBOSITY": level.lower(), "RUST_LOG": level.lower()}
    return subprocess.run(
        [sys.executable, "-c", LOUD, level, "publish", *arguments],
        env={**os.environ, **own, **loud, **variables}, cwd=folder, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
