"""What the Hugging Face Hub and its viewer ask of a dataset, checked before anything is sent."""

from collections import Counter
from pathlib import PurePosixPath
from typing import Any

from newsds.depot import ListedFile
from newsds.errors import OutputError
from newsds.targets.cargo import Cargo

__all__ = ["check_viewer"]

#: https://huggingface.co/docs/hub/repositories-recommendations
MAX_FILES, MAX_FOLDER_ENTRIES, MAX_FILE_BYTES = 100_000, 10_000, 20 * 10**9

#: Files of one commit; a release is one commit.
MAX_COMMIT_FILES = 25_000

#: Bytes in memory that the viewer reads for one page of rows: a row group, or the pages that a page index tells.
MAX_SCAN_BYTES = 300_000_000


def check_viewer(cargo: Cargo) -> None:
    """Refuse a release that the Hub would not take or not show.

    Raises:
        OutputError: there are too many files, or one is too large, or the viewer could not open it, or the card does not
            say what the tables are.
    """
    _check_counts(cargo)
    _check_card(cargo)
    for item in cargo.files:
        if item.n_bytes > MAX_FILE_BYTES:
            raise OutputError(
                f"{item.path}: {item.n_bytes:,} bytes, the Hub asks for at most {MAX_FILE_BYTES:,}"
            )
        if item.path.endswith(".parquet"):
            _check_row_groups(cargo, item)


def _check_counts(cargo: Cargo) -> None:
    n_files = len(cargo.files)
    if n_files > min(MAX_FILES, MAX_COMMIT_FILES):
        raise OutputError(
            f"{cargo.folder}: {n_files:,} files, one commit of the Hub takes {MAX_COMMIT_FILES:,}; build larger shards"
        )
    entries = Counter(str(parent) for parent, _ in _entries(cargo))
    for folder, n in entries.most_common(1):
        if n > MAX_FOLDER_ENTRIES:
            raise OutputError(
                f"{cargo.folder}: {n:,} entries in {folder}, the Hub takes {MAX_FOLDER_ENTRIES:,}; build larger shards"
            )


def _entries(cargo: Cargo) -> set[tuple[PurePosixPath, PurePosixPath]]:
    """Return every file and folder with the folder it is in."""
    paths = [PurePosixPath(item.path) for item in cargo.files]
    every = {part for path in paths for part in (path, *path.parents)} - {PurePosixPath()}
    return {(part.parent, part) for part in every}


def _check_row_groups(cargo: Cargo, item: ListedFile) -> None:
    import pyarrow.parquet as pq

    metadata = pq.read_metadata(cargo.local(item))
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        if group.total_byte_size > MAX_SCAN_BYTES and not _has_page_index(group):
            raise OutputError(
                f"{item.path}: row group {number} has {group.total_byte_size:,} bytes in memory and no page index; the "
                f"Hub's viewer reads {MAX_SCAN_BYTES:,} at most. Build it again with smaller row groups"
            )


def _has_page_index(group: Any) -> bool:
    return all(group.column(number).has_offset_index for number in range(group.num_columns))


def _check_card(cargo: Cargo) -> None:
    """Refuse a card without the tables: the viewer, and `datasets`, would make one table of all files."""
    front = _front_matter(cargo)
    wanted = {config.name for config in cargo.manifest.configs}
    files = {item["config_name"] for item in front.get("configs", ()) if item.get("data_files")}
    shapes = {
        item["config_name"]
        for item in front.get("dataset_info", ())
        if item.get("features") and item.get("splits")
    }
    for name in sorted(wanted):
        if name not in files or name not in shapes:
            raise OutputError(
                f"README.md: does not name the files, features and splits of the table {name}; build the release again"
            )


def _front_matter(cargo: Cargo) -> dict[str, Any]:
    import yaml

    path = cargo.folder / "README.md"
    parts = path.read_text(encoding="utf-8").split("---\n", 2) if path.is_file() else []
    try:
        front = yaml.safe_load(parts[1]) if len(parts) == 3 else None
    except yaml.YAMLError:
        front = None
    if not isinstance(front, dict):
        raise OutputError("README.md: has no YAML front matter, which tells the Hub what the dataset is")
    return front
