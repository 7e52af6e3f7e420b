"""What the Hub of the tests answers at each of its addresses."""

import base64
import json
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from hub.repository import LARGE, Commit, Entry, RefusedError, Repository, blob, folders, pointer
from hub.state import READER, WRITER, Answer, Hub, Request, answer_json

#: Entries per page of a listing.
PAGE = 500


# ---- who may do what ----


def check_token(request: Request, *, writes: bool) -> None:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token not in ("", WRITER, READER):
        raise RefusedError(401, "Invalid credentials in Authorization header")
    if writes and token == "":
        raise RefusedError(401, "Invalid username or password.")
    if writes and token == READER:
        raise RefusedError(403, "Forbidden: the token has no write access")


# ---- repositories ----


def create_repository(hub: Hub, request: Request) -> Answer:
    wanted = request.json
    name = f"{wanted.get('organization') or 'tester'}/{wanted['name']}"
    url = f"{hub.address}/datasets/{name}"
    with hub.lock:
        if name in hub.repositories:
            raise RefusedError(
                409, json.dumps({"error": "You already created this dataset repo", "url": url})
            )
        hub.repositories[name] = Repository(name)
    return answer_json({"url": url, "name": name, "id": name})


def delete_repository(hub: Hub, request: Request) -> Answer:
    wanted = request.json
    name = f"{wanted.get('organization') or 'tester'}/{wanted['name']}"
    hub.repository(name)
    del hub.repositories[name]
    return answer_json({})


def whoami(hub: Hub, request: Request) -> Answer:
    del hub
    if "authorization" not in request.headers:
        raise RefusedError(401, "Invalid username or password.")
    return answer_json(
        {"type": "user", "id": "1", "name": "tester", "fullname": "Tester", "orgs": [], "auth": {}}
    )


def validate_yaml(hub: Hub, request: Request) -> Answer:
    import yaml

    del hub
    front = request.json["content"].split("---\n")
    try:
        yaml.safe_load(front[1] if len(front) > 2 else "")
    except yaml.YAMLError as error:
        return answer_json({"errors": [{"message": str(error)}], "warnings": []}, 400)
    return answer_json({"errors": [], "warnings": []})


def repository_info(hub: Hub, request: Request, name: str, revision: str = "main") -> Answer:
    del request
    commit = hub.repository(name).resolve(revision)
    siblings = [
        {"rfilename": path, "size": entry.size, "blobId": entry.oid}
        for path, entry in sorted(commit.files.items())
    ]
    return answer_json(
        {
            "id": name, "_id": "0", "author": name.split("/", maxsplit=1)[0], "sha": commit.oid, "lastModified": commit.date,
            "createdAt": commit.date, "private": False, "disabled": False, "gated": False, "downloads": 0, "likes": 0,
            "tags": [], "siblings": siblings,
        }
    )  # fmt: skip


def references(hub: Hub, request: Request, name: str) -> Answer:
    del request
    repository = hub.repository(name)

    def listed(kind: str, names: dict[str, str]) -> list[dict[str, str]]:
        return [
            {"name": key, "ref": f"refs/{kind}/{key}", "targetCommit": oid}
            for key, oid in sorted(names.items())
        ]

    return answer_json(
        {
            "branches": listed("heads", repository.branches),
            "converts": [],
            "tags": listed("tags", repository.tags),
        }
    )


def commits(hub: Hub, request: Request, name: str, revision: str) -> Answer:
    found = [
        {
            "id": item.oid,
            "title": item.title,
            "message": item.message,
            "date": item.date,
            "authors": [{"user": "tester"}],
        }
        for item in hub.repository(name).history(revision)
    ]
    return page(hub, request, found)


def page(hub: Hub, request: Request, items: list[Any]) -> Answer:
    """Return a part of a listing, and the address of the next."""
    start = int(request.query.get("cursor", ["0"])[0])
    size = min(PAGE, int(request.query.get("limit", [str(PAGE)])[0]))
    rest = "&".join(
        f"{quote(key)}={quote(value)}"
        for key, values in request.query.items()
        if key != "cursor"
        for value in values
    )
    more = start + size < len(items)
    link = f'<{hub.address}{request.path}?{rest}&cursor={start + size}>; rel="next"'
    return answer_json(items[start : start + size], headers={"Link": link} if more else {})


def file_entry(hub: Hub, path: str, entry: Entry) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": "file", "oid": entry.oid, "size": entry.size, "path": path}
    if entry.sha256 is not None:
        shown["lfs"] = {"oid": entry.sha256, "size": entry.size, "pointerSize": 134}
        xet_hash = hub.has_xet and hub.xet.xet_hash(entry.sha256)
        shown |= {"xetHash": xet_hash} if xet_hash else {}
    return shown


def expanded(commit: Commit, item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "lastCommit": {"id": commit.oid, "title": commit.title, "date": commit.date}}


def every_entry(hub: Hub, commit: Commit) -> list[dict[str, Any]]:
    listed = [
        {"type": "directory", "oid": "0" * 40, "size": 0, "path": folder} for folder in folders(commit.files)
    ]
    listed += [file_entry(hub, path, entry) for path, entry in commit.files.items()]
    return sorted(listed, key=lambda item: item["path"])


def tree(hub: Hub, request: Request, name: str, revision: str, under: str = "") -> Answer:
    commit = hub.repository(name).resolve(revision)
    prefix = f"{under.rstrip('/')}/" if under else ""
    deep = request.query.get("recursive", ["false"])[0].lower() in ("true", "1")
    inside = [item for item in every_entry(hub, commit) if item["path"].startswith(prefix)]
    shown = [item for item in inside if deep or "/" not in item["path"][len(prefix) :]]
    if under and not inside:
        raise RefusedError(404, f"{under} does not exist on {revision!r}", "EntryNotFound")
    wide = request.query.get("expand", ["false"])[0].lower() in ("true", "1")
    return page(hub, request, [expanded(commit, item) for item in shown] if wide else shown)


def paths_info(hub: Hub, request: Request, name: str, revision: str) -> Answer:
    commit = hub.repository(name).resolve(revision)
    is_form = "form" in request.headers.get("content-type", "")
    wanted = parse_qs(request.body.decode()) if is_form else request.json
    wide = (
        str(wanted.get("expand", ["false"])[0] if is_form else wanted.get("expand", False)).lower() == "true"
    )
    paths = {path.rstrip("/") for path in wanted.get("paths", [])}
    found = [item for item in every_entry(hub, commit) if item["path"] in paths]
    return answer_json([expanded(commit, item) for item in found] if wide else found)


def create_tag(hub: Hub, request: Request, name: str, revision: str) -> Answer:
    repository = hub.repository(name)
    repository.name_commit(repository.tags, request.json["tag"], revision)
    return answer_json({})


def delete_tag(hub: Hub, request: Request, name: str, tag: str) -> Answer:
    del request
    if hub.repository(name).tags.pop(tag, None) is None:
        raise RefusedError(404, f"Invalid rev id: {tag}", "RevisionNotFound")
    return answer_json({})


def create_branch(hub: Hub, request: Request, name: str, branch: str) -> Answer:
    repository = hub.repository(name)
    repository.name_commit(repository.branches, branch, request.json.get("startingPoint", "main"))
    return answer_json({})


def delete_branch(hub: Hub, request: Request, name: str, branch: str) -> Answer:
    del request
    if hub.repository(name).branches.pop(branch, None) is None:
        raise RefusedError(404, f"Invalid rev id: {branch}", "RevisionNotFound")
    return answer_json({})


# ---- sending content ----


def preupload(hub: Hub, request: Request, name: str, revision: str) -> Answer:
    """Say of each file how it is to be sent, and what is there under its name."""
    files = hub.repository(name).resolve(revision).files
    ignored = request.json.get("gitIgnore")
    if ignored is None:
        ignored = files[".gitignore"].content.decode() if ".gitignore" in files else ""
    patterns = [line.strip() for line in ignored.splitlines() if line.strip()]

    def described(path: str) -> dict[str, Any]:
        entry = files.get(path)
        return {
            "path": path,
            "uploadMode": "lfs" if path.endswith(LARGE) else "regular",
            "shouldIgnore": any(Path(path).match(pattern) for pattern in patterns),
            **({"oid": entry.sha256 or entry.oid} if entry else {}),
        }

    return answer_json({"files": [described(item["path"]) for item in request.json["files"]]})


def lfs_batch(hub: Hub, request: Request, name: str) -> Answer:
    hub.repository(name)
    return answer_json(
        {"transfer": "basic", "objects": [lfs_object(hub, name, **item) for item in request.json["objects"]]}
    )


def lfs_object(hub: Hub, name: str, *, oid: str, size: int) -> dict[str, Any]:
    """Say where to send an object, in one piece or in parts; one that is there needs no sending."""
    known = {"oid": oid, "size": size}
    if hub.has_large(oid):
        return known
    at = f"{hub.address}/lfs/{name}/{oid}"
    if size <= hub.part_bytes:
        return {**known, "actions": {"upload": {"href": at}, "verify": {"href": f"{at}/verify"}}}
    numbers = range(1, -(-size // hub.part_bytes) + 1)
    header = {"chunk_size": str(hub.part_bytes), **{str(number): f"{at}/part/{number}" for number in numbers}}
    return {**known, "actions": {"upload": {"href": f"{at}/complete", "header": header}}}


def put_object(hub: Hub, request: Request, name: str, oid: str) -> Answer:
    hub.repository(name)
    if not hub.lfs.write(oid, request.body):
        raise RefusedError(400, "the content is not what its name says")
    return Answer(headers={"ETag": f'"{oid}"'})


def put_part(hub: Hub, request: Request, name: str, oid: str, number: str) -> Answer:
    hub.repository(name)
    hub.parts[oid, int(number)] = request.body
    return Answer(headers={"ETag": f'"{oid}-{number}"'})


def complete_object(hub: Hub, request: Request, name: str, oid: str) -> Answer:
    hub.repository(name)
    sent = b"".join(hub.parts[oid, part["partNumber"]] for part in request.json["parts"])
    if not hub.lfs.write(oid, sent):
        raise RefusedError(400, "the content is not what its name says")
    return answer_json({"success": True})


def verify_object(hub: Hub, request: Request, name: str, oid: str) -> Answer:
    del request
    hub.repository(name)
    if not hub.lfs.has(oid):
        raise RefusedError(404, "object not found")
    return answer_json({})


def xet_token(hub: Hub, request: Request, name: str, kind: str, revision: str) -> Answer:
    del revision
    hub.repository(name)
    if not hub.has_xet:
        raise RefusedError(404, "Not Found")
    check_token(request, writes=kind == "write")
    expires = int(time.time()) + 3600
    headers = {
        "X-Xet-Cas-Url": hub.xet.address,
        "X-Xet-Access-Token": "xet",
        "X-Xet-Token-Expiration": str(expires),
    }
    return answer_json({"casUrl": hub.xet.address, "accessToken": "xet", "exp": expires}, headers=headers)


def commit(hub: Hub, request: Request, name: str, branch: str) -> Answer:
    """Make one commit of the lines of a request, or none."""
    lines = [json.loads(line) for line in request.body.splitlines() if line.strip()]
    header = next(line["value"] for line in lines if line["key"] == "header")
    repository = hub.repository(name)
    changes: dict[str, Entry | None] = {}
    for line in lines:
        changes |= change(hub, repository.resolve(branch), line["key"], line["value"])
    made = repository.commit(
        branch,
        changes,
        title=header["summary"],
        message=header.get("description", ""),
        parent=header.get("parentCommit"),
    )
    return answer_json(
        {
            "success": True,
            "commitOid": made.oid,
            "commitUrl": f"{hub.address}/datasets/{name}/commit/{made.oid}",
            "hookOutput": "",
        }
    )


def change(hub: Hub, head: Commit, key: str, value: Mapping[str, Any]) -> dict[str, Entry | None]:
    """Return path to new entry, None where it goes, of one line of a commit."""
    path = value.get("path", "")
    if key == "file":
        return {path: blob(base64.b64decode(value["content"]))}
    if key == "lfsFile":
        if not hub.has_large(value["oid"]):
            raise RefusedError(400, f"LFS object {value['oid']} of {path} was never uploaded")
        return {path: pointer(value["oid"], value["size"])}
    if key == "deletedFile":
        if path not in head.files:
            raise RefusedError(404, "A file with this name doesn't exist", "EntryNotFound")
        return {path: None}
    if key == "deletedFolder":
        return {item: None for item in head.files if item.startswith(f"{path.rstrip('/')}/")}
    return {}


# ---- reading content ----


def resolve(hub: Hub, request: Request, name: str, revision: str, path: str) -> Answer:
    """Return a file, or the range of it that is asked for."""
    found = hub.repository(name).resolve(revision)
    if path not in found.files:
        raise RefusedError(404, "Entry not found", "EntryNotFound")
    entry = found.files[path]
    content = hub.content(entry)
    etag = f'"{entry.sha256 or entry.oid}"'
    headers = {
        "X-Repo-Commit": found.oid,
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Content-Type": "application/octet-stream",
    }
    if entry.sha256 is not None:
        headers |= {"X-Linked-Etag": etag, "X-Linked-Size": str(entry.size)}
        xet_hash = hub.has_xet and hub.xet.xet_hash(entry.sha256)
        if xet_hash:
            auth = f"{hub.address}/api/datasets/{name}/xet-read-token/{found.oid}"
            headers |= {"X-Xet-Hash": xet_hash, "Link": f'<{auth}>; rel="xet-auth"'}
    return cut_range(request.headers.get("range"), content, headers)


def cut_range(wanted: str | None, content: bytes, headers: Mapping[str, str]) -> Answer:
    """Return the whole content, or the range of bytes that was asked for."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted or "")
    if match is None:
        return Answer(200, content, headers)
    first, last = match.groups()
    start = int(first) if first else max(0, len(content) - int(last))
    end = min(int(last), len(content) - 1) if first and last else len(content) - 1
    if start > end:
        raise RefusedError(416, "Range Not Satisfiable")
    return Answer(
        206, content[start : end + 1], {**headers, "Content-Range": f"bytes {start}-{end}/{len(content)}"}
    )


_NAME = r"(?P<name>[^/]+/[^/]+)"
_OBJECT = rf"/lfs/{_NAME}/(?P<oid>[0-9a-f]{{64}})"

#: Method, address, whether it writes, and what answers.
ROUTES: list[tuple[str, re.Pattern[str], bool, Callable[..., Answer]]] = [
    (method, re.compile(pattern), writes, handler)
    for method, pattern, writes, handler in (
        ("POST", r"/api/repos/create", True, create_repository),
        ("DELETE", r"/api/repos/delete", True, delete_repository),
        ("GET", r"/api/whoami-v2", False, whoami),
        ("POST", r"/api/validate-yaml", False, validate_yaml),
        ("POST", rf"/api/datasets/{_NAME}/preupload/(?P<revision>[^/]+)", True, preupload),
        ("POST", rf"/datasets/{_NAME}\.git/info/lfs/objects/batch", True, lfs_batch),
        ("PUT", _OBJECT, False, put_object),
        ("PUT", rf"{_OBJECT}/part/(?P<number>\d+)", False, put_part),
        ("POST", rf"{_OBJECT}/complete", False, complete_object),
        ("POST", rf"{_OBJECT}/verify", True, verify_object),
        ("GET", rf"/api/datasets/{_NAME}/xet-(?P<kind>read|write)-token/(?P<revision>[^/]+)", False, xet_token),
        ("POST", rf"/api/datasets/{_NAME}/commit/(?P<branch>[^/]+)", True, commit),
        ("GET", rf"/api/datasets/{_NAME}", False, repository_info),
        ("GET", rf"/api/datasets/{_NAME}/revision/(?P<revision>[^/]+)", False, repository_info),
        ("GET", rf"/api/datasets/{_NAME}/tree/(?P<revision>[^/]+)(?:/(?P<under>.+))?", False, tree),
        ("POST", rf"/api/datasets/{_NAME}/paths-info/(?P<revision>[^/]+)", False, paths_info),
        ("GET", rf"/api/datasets/{_NAME}/refs", False, references),
        ("GET", rf"/api/datasets/{_NAME}/commits/(?P<revision>[^/]+)", False, commits),
        ("POST", rf"/api/datasets/{_NAME}/tag/(?P<revision>[^/]+)", True, create_tag),
        ("DELETE", rf"/api/datasets/{_NAME}/tag/(?P<tag>[^/]+)", True, delete_tag),
        ("POST", rf"/api/datasets/{_NAME}/branch/(?P<branch>[^/]+)", True, create_branch),
        ("DELETE", rf"/api/datasets/{_NAME}/branch/(?P<branch>[^/]+)", True, delete_branch),
        ("GET", rf"/datasets/{_NAME}/resolve/(?P<revision>[^/]+)/(?P<path>.+)", False, resolve),
    )
]  # fmt: skip


def route(hub: Hub, request: Request) -> Answer:
    """Return the answer to a request."""
    method = "GET" if request.method == "HEAD" else request.method
    for wanted, pattern, writes, handler in ROUTES:
        match = pattern.fullmatch(request.path) if wanted == method else None
        if match is not None:
            check_token(request, writes=writes)
            parts = {key: unquote(value) for key, value in match.groupdict().items() if value is not None}
            return handler(hub, request, **parts)
    raise RefusedError(404, f"no such address: {request.method} {request.path}")


def answer_of(hub: Hub, request: Request) -> Answer:
    """Return the answer to a request, be it a refusal."""
    try:
        return route(hub, request)
    except RefusedError as error:
        return refusal(error)


def refusal(error: RefusedError) -> Answer:
    message = str(error)
    body = message if message.startswith("{") else json.dumps({"error": message})
    headers = {"X-Error-Message": "" if message.startswith("{") else message.splitlines()[0]}
    headers |= {"X-Error-Code": error.code} if error.code else {}
    return Answer(error.status, body.encode(), {"Content-Type": "application/json", **headers})
