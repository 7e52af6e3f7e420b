"""Runs of `targets.faults` against the test Hub and against an S3 server."""

import hashlib
import os
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hub.server import serve
from hub.state import WRITER, CutError, Hub, Request
from targets.faults import DepotReader, HubReader, Killer, Report, run
from targets.publisher import Publisher

REPOSITORY = "org/news"


def _ignore(report: Report) -> None:
    """Say nothing meanwhile."""


def plain_environment(folder: Path, **variables: str) -> dict[str, str]:
    """Return an environment for a publisher that knows no other place than the ones given."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("HF_", "AWS_", "HUGGING"))
    }
    here = Path(__file__).parents[1]
    return {
        **kept,
        "PYTHONPATH": str(here),
        "HF_HOME": str(folder / "hf"),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        **variables,
    }


def kill_on_hub(
    folder: Path,
    old: Path | None,
    new: Path,
    *,
    has_xet: bool = False,
    spare: Collection[str] = (),
    tell: Callable[[Report], None] = _ignore,
) -> Report:
    """Publish a release to a Hub, killed at every request.

    Args:
        folder: for the Hub and the publishers.
        old: a release that is there before; None begins without a repository.
        new: the release on its way.
        has_xet: of the Hub.
        spare: kinds of requests at which nobody is killed.
        tell: is called with the report after every kill.
    """
    kind = ("Hub with Xet" if has_xet else "Hub with LFS") + (
        ", a second version" if old else ", a first version"
    )
    report = Report(kind, n_files=sum(path.is_file() for path in new.rglob("*")))
    with serve(Hub(folder / "hub", has_xet=has_xet)) as hub:
        environment = plain_environment(folder, HF_ENDPOINT=hub.address, HF_TOKEN=WRITER)
        if old is not None:
            _publish_whole(old, f"hf://datasets/{REPOSITORY}", environment)
        hub.requests.clear()
        killer = Killer(report, spare)

        def strike(request: Request, moment: str) -> None:
            if request.headers.get("user-agent", "").startswith("Python-urllib"):
                return  # the reader
            if request.method == "PUT":
                report.note_object(request.path, moment)
            if moment == "after" and is_spared(request):
                return
            query = sorted(request.query.items())
            name = f"{request.method} {request.path} {query} {hashlib.sha256(request.body).hexdigest()[:12]}"
            if killer.strike(name, kind_of(request), moment) and moment == "before":
                raise CutError  # a dead client's request is not acted upon

        hub.fault = strike
        publisher = Publisher(new, f"hf://datasets/{REPOSITORY}", environment)
        releases = {version_of(path): path for path in (old, new) if path is not None}
        reader = HubReader(hub.address, REPOSITORY, releases, report)
        tag = f"v{version_of(new)}"
        forgotten: list[str] = []

        def forget_tag() -> bool:
            """Have the tag made anew, twice: what comes after making it has two moments to be killed at."""
            if len(forgotten) == 2:
                return False
            forgotten.append(hub.repository(REPOSITORY).tags.pop(tag))
            return True

        try:
            run(report, killer, publisher, reader.look, forget_end=forget_tag, tell=tell)
        finally:
            publisher.close()
        repository = hub.repository(REPOSITORY)
        assert len(repository.history("main")) == (3 if old else 2)
        assert repository.tags[tag] == repository.branches["main"]
    return report


def kill_on_s3(
    folder: Path,
    old: Path | None,
    new: Path,
    *,
    spare: Collection[str] = (),
    tell: Callable[[Report], None] = _ignore,
) -> Report:
    """Publish a release to S3, killed at every request."""
    report = Report(
        "S3" + (", a second version" if old else ", a first version"),
        n_files=sum(path.is_file() for path in new.rglob("*")),
    )
    killer = Killer(report, spare)

    def strike(request: Any, moment: str) -> None:
        if "Authorization" not in request.headers or "newsds" not in request.headers.get("User-Agent", ""):
            return
        if request.method == "PUT" and not request.path.endswith(".json"):
            report.note_object(request.path, moment)
        kind = f"{request.method} {'pointer' if request.path.endswith('.json') else 'object'}"
        if killer.strike(f"{request.method} {request.path}", kind, moment) and moment == "before":
            raise ConnectionAbortedError  # a dead client's request is not acted upon

    with s3_server(strike) as address:
        environment = plain_environment(
            folder, AWS_ACCESS_KEY_ID="AKIATEST", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1",
            AWS_ENDPOINT_URL_S3=address, AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE=str(folder / "none"),
            AWS_SHARED_CREDENTIALS_FILE=str(folder / "none"),
        )  # fmt: skip
        client = s3_client(environment)
        client.create_bucket(Bucket="harbour")
        if old is not None:
            _publish_whole(old, "s3://harbour/news", environment)
        report.stored.clear()
        publisher = Publisher(new, "s3://harbour/news", environment)
        releases = {version_of(path): path for path in (old, new) if path is not None}
        reader = DepotReader(_getter(client), releases, report)
        try:
            run(report, killer, publisher, reader.look, forget_end=lambda: False, tell=tell)
        finally:
            publisher.close()
    return report


def _publish_whole(release: Path, target: str, environment: dict[str, str]) -> None:
    publisher = Publisher(release, target, environment)
    publisher.fork()
    assert publisher.start() == 0
    publisher.close()


def s3_client(environment: dict[str, str]) -> Any:
    import boto3

    return boto3.session.Session().client(
        "s3",
        endpoint_url=environment["AWS_ENDPOINT_URL_S3"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_DEFAULT_REGION"],
    )


def _getter(client: Any) -> Callable[[str], bytes | None]:
    def get(key: str) -> bytes | None:
        try:
            return bytes(client.get_object(Bucket="harbour", Key=f"news/{key}")["Body"].read())
        except client.exceptions.NoSuchKey:
            return None

    return get


@contextmanager
def s3_server(strike: Callable[[Any, str], None]) -> Iterator[str]:
    """Serve S3 on the loopback, telling of each request before and after the work."""
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server
    from werkzeug.wrappers import Request as S3Request

    class Quiet(WSGIRequestHandler):
        def log(self, *_: Any) -> None:
            """Say nothing."""

    inner = DomainDispatcherApplication(create_backend_app)

    def application(environ: Any, start_response: Any) -> Any:
        request = S3Request(environ)
        strike(request, "before")
        answered = list(inner(environ, start_response))
        strike(request, "after")
        return answered

    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def is_spared(request: Request) -> bool:
    """Tell whether a publisher lives on after it has sent an object, so that it is killed when it asks to check it.

    Every second object: one that was killed right after sending finds the object there, and asks nothing more.
    """
    return request.method == "PUT" and int(request.path[-1], 16) % 2 == 0


def kind_of(request: Request) -> str:
    """Return what a request is for, for the report."""
    for part in (
        "create",
        "refs",
        "tree",
        "preupload",
        "xet-write-token",
        "batch",
        "verify",
        "validate-yaml",
        "commit",
        "tag",
        "resolve",
    ):
        if f"/{part}" in request.path:
            return part
    return "object" if request.method == "PUT" else "other"


def version_of(release: Path) -> str:
    import json

    return str(json.loads((release / "manifest.json").read_bytes())["version"])
