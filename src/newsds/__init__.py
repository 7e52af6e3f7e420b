"""newsds: versioned, validated, deduplicated datasets of news articles, released with provenance.

The verbs, in the order of the pipeline: `read`, `validate`, `fix`, `dedupe`, `split`, `build`, `verify`, `publish`, `load`.
Each is imported on first use, so that `import newsds` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from newsds.version import VERSION

if TYPE_CHECKING:
    from newsds.article import Articles as Articles
    from newsds.checks.baseline import Baseline as Baseline
    from newsds.checks.index import Index as Index
    from newsds.checks.report import Report as Report
    from newsds.dedup import Clusters as Clusters
    from newsds.errors import IntegrityError as IntegrityError
    from newsds.errors import MissingExtraError as MissingExtraError
    from newsds.errors import NewsdsError as NewsdsError
    from newsds.errors import NotCachedError as NotCachedError
    from newsds.errors import OutputError as OutputError
    from newsds.errors import ReleaseError as ReleaseError
    from newsds.errors import ReleaseNotFoundError as ReleaseNotFoundError
    from newsds.errors import RemoteError as RemoteError
    from newsds.errors import SchemaVersionError as SchemaVersionError
    from newsds.errors import UsageError as UsageError
    from newsds.errors import VersionNotFoundError as VersionNotFoundError
    from newsds.findings import Finding as Finding
    from newsds.index.removal import remove_articles as remove_articles
    from newsds.index.removal import remove_release as remove_release
    from newsds.index.update import read_index as read_index
    from newsds.index.update import update_index as update_index
    from newsds.loader import load as load
    from newsds.loader.dataset import Dataset as Dataset
    from newsds.loader.manifests import SchemaVersionWarning as SchemaVersionWarning
    from newsds.project import Project as Project
    from newsds.project import SplitChoices as SplitChoices
    from newsds.quarantines import quarantine as quarantine
    from newsds.readers import Reading as Reading
    from newsds.release.build import build as build
    from newsds.release.signing import sign as sign
    from newsds.release.trace import Trace as Trace
    from newsds.release.trace import trace as trace
    from newsds.release.verify import verify as verify
    from newsds.samples import sample as sample
    from newsds.schema import arrow_schema as arrow_schema
    from newsds.targets import publish as publish
    from newsds.targets.plan import Publication as Publication
    from newsds.verbs import dedupe as dedupe
    from newsds.verbs import explain as explain
    from newsds.verbs import fix as fix
    from newsds.verbs import leak as leak
    from newsds.verbs import read as read
    from newsds.verbs import split as split
    from newsds.verbs import validate as validate

__version__ = VERSION

#: Public name to the module it is imported from on first use.
_HOMES = {
    "Articles": "newsds.article",
    "Baseline": "newsds.checks.baseline",
    "Clusters": "newsds.dedup",
    "Dataset": "newsds.loader.dataset",
    "Finding": "newsds.findings",
    "Index": "newsds.checks.index",
    "IntegrityError": "newsds.errors",
    "MissingExtraError": "newsds.errors",
    "NewsdsError": "newsds.errors",
    "NotCachedError": "newsds.errors",
    "OutputError": "newsds.errors",
    "Project": "newsds.project",
    "Publication": "newsds.targets.plan",
    "Reading": "newsds.readers",
    "ReleaseError": "newsds.errors",
    "ReleaseNotFoundError": "newsds.errors",
    "RemoteError": "newsds.errors",
    "Report": "newsds.checks.report",
    "SchemaVersionError": "newsds.errors",
    "SchemaVersionWarning": "newsds.loader.manifests",
    "SplitChoices": "newsds.project",
    "Trace": "newsds.release.trace",
    "UsageError": "newsds.errors",
    "VersionNotFoundError": "newsds.errors",
    "arrow_schema": "newsds.schema",
    "build": "newsds.release.build",
    "dedupe": "newsds.verbs",
    "explain": "newsds.verbs",
    "fix": "newsds.verbs",
    "leak": "newsds.verbs",
    "load": "newsds.loader",
    "publish": "newsds.targets",
    "quarantine": "newsds.quarantines",
    "read": "newsds.verbs",
    "read_index": "newsds.index.update",
    "remove_articles": "newsds.index.removal",
    "remove_release": "newsds.index.removal",
    "sample": "newsds.samples",
    "sign": "newsds.release.signing",
    "split": "newsds.verbs",
    "trace": "newsds.release.trace",
    "update_index": "newsds.index.update",
    "validate": "newsds.verbs",
    "verify": "newsds.release.verify",
}

__all__ = [*sorted(_HOMES), "__version__"]  # noqa: PLE0604 # names, all of them


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'newsds' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
