"""Folders that are releases of newsds: how they are known, and which of their files hold the articles."""

from pathlib import Path

__all__ = ["MANIFEST", "holds_articles", "is_release_manifest"]

#: Name of the manifest in a release.
MANIFEST = "manifest.json"
#: Where a release keeps its articles; other tables, such as clusters, lie beside it.
_ARTICLES = ("data", "articles")
#: A larger file is no manifest.
_MAX_BYTES = 64 << 20


def is_release_manifest(path: Path) -> bool:
    """Tell whether a file is the manifest of a release of newsds that has articles."""
    import orjson

    try:
        if path.name != MANIFEST or path.stat().st_size > _MAX_BYTES:
            return False
        data = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return False
    if not isinstance(data, dict) or "manifest_version" not in data:
        return False
    configs = data.get("configs")
    return isinstance(configs, list) and any(
        isinstance(config, dict) and config.get("name") == "articles" for config in configs
    )


def holds_articles(path: Path, release: Path) -> bool:
    """Tell whether a file of a release is one of those that hold its articles."""
    parts = path.relative_to(release).parts
    return parts[: len(_ARTICLES)] == _ARTICLES and path.suffix == ".parquet"
