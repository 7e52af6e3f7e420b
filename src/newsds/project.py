"""A dataset project: its `datapackage.json`, checked, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from math import inf, isclose
from pathlib import Path
from typing import Any

from newsds.errors import ProjectError, UsageError
from newsds.schema import SCHEMA_VERSION, validator
from newsds.wire import AGENCIES, Agency

__all__ = ["DESCRIPTOR", "Project", "Resource", "RuleChoices", "Task", "Waiver"]

#: Name of the file that makes a folder a dataset project.
DESCRIPTOR = "datapackage.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """Findings of one rule that are known and accepted; null narrows nothing."""

    rule: str
    reason: str
    #: Last day on which it holds, `YYYY-MM-DD`.
    expires: str | None = None
    #: Pattern of the inputs it holds for.
    path: str | None = None
    record_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """How a dataset that is already split and labelled says so."""

    #: `file`: the name of the file or folder is the split; else a field or a column. Null: no splits.
    split_by: str | None = None
    #: The field or column that holds the label. Null: no labels.
    label: str | None = None
    #: The labels that there are; empty: any.
    labels: tuple[str, ...] = ()
    #: Splits in order of time; empty: they are not split by time.
    in_time: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleChoices:
    """What a project says about the rules."""

    profile: str = "core"
    #: Rule to its level, or to `off`.
    levels: Mapping[str, str] = field(default_factory=dict)
    #: Rule to the share of the records that may have it before it counts.
    max_rates: Mapping[str, float] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    #: Null: nobody says anything about splits and labels.
    task: Task | None = None
    #: Licences of the dataset; null where there is no descriptor that could name one.
    licenses: tuple[str, ...] | None = None
    #: Domains and SHA-256 of texts that must not be in the dataset.
    opted_out: frozenset[str] = frozenset()

    @classmethod
    def from_descriptor(cls, data: Mapping[str, Any]) -> "RuleChoices":
        """Return what a descriptor says, one that passed the schema."""
        choices = data.get("newsds", {})
        rules = choices.get("rules", {})
        task = choices.get("task")
        return cls(
            profile=choices.get("profile", "core"),
            levels={code: rule["level"] for code, rule in rules.items() if "level" in rule},
            max_rates={code: rule["max_rate"] for code, rule in rules.items() if "max_rate" in rule},
            waivers=tuple(Waiver(**waiver) for waiver in choices.get("waivers", [])),
            task=Task(**{name: _tuple(value) for name, value in task.items()}) if task else None,
            licenses=tuple(str(item.get("name") or item.get("path")) for item in data.get("licenses", [])),
            opted_out=frozenset(item.lower() for item in choices.get("opted_out", [])),
        )


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitChoices:
    """How articles are split; what belongs together is never parted."""

    #: `time`, `random`, or `none` for one split.
    by: str = "time"
    #: Split to its share of the articles; with `time` in order of time.
    shares: Mapping[str, float] = field(
        default_factory=lambda: {"train": 0.8, "validation": 0.1, "test": 0.1}
    )
    #: Hours that lie between two splits at least, and what lies in them is left out; 0 leaves nothing out.
    embargo_hours: float = 0.0
    seed: int = 0
    #: Field (dotted) whose values each split has in the same shares.
    stratify: str | None = None

    def __post_init__(self) -> None:
        """Refuse what does not go together.

        Raises:
            UsageError: the choices contradict each other.
        """
        if self.by not in ("time", "random", "none"):
            raise UsageError(f"split by {self.by!r}: there are time, random and none")
        if not self.shares or not all(share > 0 for share in self.shares.values()):
            raise UsageError("shares: each split needs a share above 0")
        if not isclose(sum(self.shares.values()), 1, abs_tol=1e-9):
            raise UsageError(f"shares: they add up to {sum(self.shares.values()):g}, not to 1")
        if not 0 <= self.embargo_hours < inf:
            raise UsageError(f"an embargo of {self.embargo_hours:g} hours cannot be: give 0 or more")
        if self.embargo_hours and self.by != "time":
            raise UsageError(
                "an embargo lies between splits by time: split by time, or leave the embargo out"
            )
        if self.stratify is not None and self.by != "random":
            raise UsageError(
                "only a random split can be stratified: by time the shares follow from the dates"
            )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "SplitChoices":
        """Return the choices that `split` in a descriptor describes."""
        if data.get("by") == "none":
            return cls(**{**data, "shares": {"train": 1.0}})
        return cls(**data)

    def to_dict(self) -> dict[str, Any]:
        """Return the choices that matter for their kind of split, as the manifest records them."""
        data: dict[str, Any] = {"by": self.by, "shares": dict(self.shares)}
        if self.by == "time":
            data["embargo_hours"] = self.embargo_hours
        if self.by == "random":
            data |= {"seed": self.seed, "stratify": self.stratify}
        return data


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """One input of the project: paths or patterns relative to the project, and how to read them."""

    paths: tuple[str, ...]
    map: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    date_order: str | None = None
    encoding: str = "utf-8"
    delimiter: str | None = None
    nan_as_null: bool = False

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Resource":
        """Return the resource that an entry of `resources` describes."""
        paths = data["path"] if isinstance(data["path"], list) else [data["path"]]
        choices = data.get("newsds", {})
        return cls(paths=tuple(paths), **{**choices, "columns": tuple(choices.get("columns", ()))})


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """A dataset project."""

    folder: Path
    #: The descriptor as it was read; what newsds does not use is carried along to the release.
    descriptor: Mapping[str, Any]
    resources: tuple[Resource, ...]
    rules: RuleChoices
    agencies: tuple[Agency, ...]
    dedupe: Mapping[str, Any]
    split: SplitChoices
    #: `all` or `canonical`: which copies of an article are published.
    copies: str
    quarantine: bool
    schema_version: str
    #: Folder of the index of earlier releases. Null: releases know nothing of each other.
    index: Path | None = None
    #: A release, or a table of splits, whose splits are kept. Null: articles are split anew.
    kept_splits: Path | None = None
    #: Identifiers of articles that no release has any more.
    withdrawn: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the dataset."""
        return str(self.descriptor["name"])

    @property
    def version(self) -> str:
        """The version of the dataset."""
        return str(self.descriptor["version"])

    @property
    def created(self) -> datetime | None:
        """The declared date of this version, in UTC; None if the descriptor has none."""
        text = self.descriptor.get("created")
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None

    @classmethod
    def from_folder(cls, folder: str | Path) -> "Project":
        """Read the `datapackage.json` of a folder (or the descriptor itself).

        Raises:
            ProjectError: there is none, it is not JSON, or it says something impossible.
        """
        path = Path(folder)
        path = path / DESCRIPTOR if path.is_dir() else path
        return cls._from_descriptor(_read(path), path)

    @classmethod
    def _from_descriptor(cls, data: dict[str, Any], path: Path) -> "Project":
        choices = data.get("newsds", {})
        splitting = dict(choices.get("split", {}))
        kept = splitting.pop("keep", None)
        return cls(
            folder=path.parent,
            descriptor=data,
            resources=tuple(Resource.from_dict(item) for item in data["resources"]),
            rules=RuleChoices.from_descriptor(data),
            agencies=(*AGENCIES, *_agencies(choices)),
            dedupe=choices.get("dedupe", {}),
            split=_split(splitting, path),
            copies=choices.get("copies", "all"),
            quarantine=choices.get("quarantine", False),
            schema_version=choices.get("schema_version", SCHEMA_VERSION),
            index=_inside(choices.get("index"), path, "index"),
            kept_splits=_inside(kept, path, "split/keep"),
            withdrawn=tuple(choices.get("withdrawn", ())),
        )


def _read(path: Path) -> dict[str, Any]:
    import orjson

    try:
        data = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        raise ProjectError(
            f"{path}: no such file; a dataset project is a folder with a {DESCRIPTOR}"
        ) from None
    except OSError as error:
        raise ProjectError(f"{path}: cannot be read ({error.strerror})") from None
    except orjson.JSONDecodeError as error:
        raise ProjectError(f"{path}: not JSON ({error})") from None
    for broken in validator("project").iter_errors(data):
        pointer = "/".join(str(part) for part in broken.instance_path)
        raise ProjectError(f"{path}: /{pointer}: {broken.message[:200]}")
    for number, waiver in enumerate(data.get("newsds", {}).get("waivers", ())):
        _refuse_endless(waiver, f"{path}: /newsds/waivers/{number}")
    return dict(data)


def _refuse_endless(waiver: Mapping[str, str], where: str) -> None:
    """Refuse a waiver that says nothing, or whose last day is in no calendar and would never come."""
    if not waiver["reason"].strip():
        raise ProjectError(f"{where}/reason: is blank; say why the findings are accepted")
    try:
        date.fromisoformat(waiver.get("expires", "2000-01-01"))
    except ValueError:
        raise ProjectError(f"{where}/expires: there is no day {waiver['expires']}") from None


def _agencies(choices: dict[str, Any]) -> list[Agency]:
    return [
        Agency(code=item["code"], name=item["name"], aliases=tuple(item.get("aliases", ())))
        for item in choices.get("agencies", [])
    ]


def _inside(place: str | None, path: Path, pointer: str) -> Path | None:
    """Return a path of the project, which must not leave it."""
    if place is None:
        return None
    if Path(place).is_absolute() or ".." in Path(place).parts or "://" in place:
        raise ProjectError(
            f"{path}: /newsds/{pointer}: {place}: must lie inside the dataset project; give a relative path "
            "without '..', or name it on the command line"
        )
    return path.parent / place


def _split(data: dict[str, Any], path: Path) -> SplitChoices:
    try:
        return SplitChoices.from_dict(data)
    except UsageError as error:
        raise ProjectError(f"{path}: /newsds/split: {error}") from None
