"""A publisher to be killed: imports and verifies once, then publishes in a fork of itself each time it is asked to.

Run as a program: RELEASE TARGET. It reads `fork` and answers the process that will publish; reads `start` and answers how
that ended: 0 published, 3 told an error, -9 killed. Verifying and checking the shards, which ask the target nothing, are
done once and not again in each fork.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path


def serve(release: str, target: str) -> None:
    # Another process, since Arrow starts threads, which do not live on in a fork.
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    import boto3  # noqa: F401 # loaded here, not in each fork
    import huggingface_hub.hf_api  # noqa: F401

    from newsds.release import verify as module
    from newsds.targets import bucket, hub
    from newsds.targets.objects import ObjectStore

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        verified = pool.submit(module.verify, release).result()
    module.verify = lambda *_, **__: verified  # type: ignore[assignment]
    hub.check_viewer = lambda _: None
    # One request at a time: none is done in the shadow of another at which the publisher is killed.
    hub._THREADS = bucket._THREADS = 1
    if target.startswith("s3://"):
        store = ObjectStore.open("", "")  # a client costs more than a publication
        ObjectStore.open = lambda bucket, prefix: replace(store, bucket=bucket, prefix=prefix)  # type: ignore[method-assign]
    print("ready", flush=True)
    for line in sys.stdin:
        assert line == "fork\n"
        gate, opener = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(opener)
            os.read(gate, 1)
            publish(release, target)
        print(child, flush=True)
        sys.stdin.readline()
        os.write(opener, b"!")
        os.close(gate)
        os.close(opener)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def publish(release: str, target: str) -> None:
    import newsds
    from newsds.errors import NewsdsError

    status = 1
    try:
        newsds.publish(release, target)
        status = 0
    except NewsdsError as error:
        print(error, file=sys.stderr, flush=True)
        status = 3
    finally:
        os._exit(status)


class Publisher:
    """The program above, from the outside."""

    def __init__(self, release: Path, target: str, environment: Mapping[str, str]) -> None:
        command = [sys.executable, __file__, str(release), target]
        self.process = subprocess.Popen(
            command, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._line() == "ready"

    def fork(self) -> int:
        """Return the process that will publish once it is started."""
        self._say("fork")
        return int(self._line())

    def start(self) -> int:
        """Have it publish, and return how that ended."""
        self._say("start")
        return int(self._line())

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)

    def _say(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


if __name__ == "__main__":
    serve(*sys.argv[1:])
