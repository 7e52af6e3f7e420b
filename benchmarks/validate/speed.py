"""Validate the same records with newsds and with its peers, side by side in one run, and print the ratios.

    python benchmarks/validate/speed.py [--records 20000] [--rounds 5]

Rates are of CPU time (user and system, children included), in the best of the interleaved rounds. The rows on two
processes and two threads are of wall time, and say little on a machine that has no second core to spare. Every peer
runs in this process on the same file and does the most it can do with the article schema. The slow ones get a part of
the records. Needs the extra `bench`.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from other_validators import check_jsonschema, is_valid_for_frictionless

from newsds.article import to_batch
from newsds.checks import validate
from newsds.readers import read
from newsds.samples import sample
from newsds.schema import arrow_schema, load_schema, validator
from newsds.text import count_words, text_digest

#: Records a slow peer gets.
FEW = 500


def spread(record: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the record with words of its own, so that no compression flatters the reading of columns."""
    salt = number * 2654435761 % 2**32
    words = record["body"].split(" ")
    for at in range(2, len(words), 3):
        salt = (salt * 1664525 + 1013904223) % 2**32
        # Little words stay what they are, as in any text.
        if len(words[at]) > 4:
            words[at] += "".join(chr(97 + (salt >> shift) % 26) for shift in (3, 9, 15, 21, 27))
    body = " ".join(words)
    return {
        **record,
        "body": body,
        "word_count": count_words(body),
        "text_sha256": text_digest(body),
        "body_blocks": None,
    }


def write_records(folder: Path, n_records: int) -> tuple[Path, Path]:
    """Write the records as JSON lines and as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    lines, columns = folder / "articles.jsonl", folder / "articles.parquet"
    with lines.open("wb") as stream, pq.ParquetWriter(columns, arrow_schema(), compression="zstd") as writer:
        batch: list[dict[str, Any]] = []
        for number, record in enumerate(sample(n_records, seed=5)):
            batch.append(spread(record, number))
            if len(batch) == 2000 or number == n_records - 1:
                stream.writelines(orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE) for item in batch)
                writer.write_table(pa.Table.from_batches([to_batch(batch)]))
                batch = []
    return lines, columns


def orjson_loop(path: Path) -> None:
    with path.open("rb") as stream:
        for line in stream:
            orjson.loads(line)


def pyarrow_json(path: Path, *, use_threads: bool = False) -> None:
    import pyarrow.json as pj

    pj.read_json(
        path,
        read_options=pj.ReadOptions(use_threads=use_threads, block_size=4 * 2**20),
        parse_options=pj.ParseOptions(explicit_schema=arrow_schema(), unexpected_field_behavior="error"),
    )


def newsds_rules(path: Path, *, rules: Any, workers: int = 1) -> None:
    report = validate(read(path), rules=rules, workers=workers)
    assert not report.has("error"), report.counts


def jsonschema_rs_loop(path: Path) -> None:
    engine = validator()
    with path.open("rb") as stream:
        assert not any(list(engine.iter_errors(orjson.loads(line))) for line in stream)


def jsonschema_loop(path: Path) -> None:
    import jsonschema

    engine = jsonschema.Draft202012Validator(load_schema())
    with path.open("rb") as stream:
        assert not any(list(engine.iter_errors(json.loads(line))) for line in stream)


def fastjsonschema_loop(path: Path) -> None:
    import fastjsonschema

    # It knows drafts to 07: what the article schema uses is the same there.
    check = fastjsonschema.compile(
        {name: value for name, value in load_schema().items() if name not in {"$schema", "$id"}}
    )
    with path.open("rb") as stream:
        for line in stream:
            check(orjson.loads(line))


def pydantic_loop(path: Path) -> None:
    model = _pydantic_model(load_schema(), "Article")
    with path.open("rb") as stream:
        for line in stream:
            model.model_validate_json(line)


def _pydantic_model(schema: dict[str, Any], name: str) -> Any:
    import pydantic

    fields: dict[str, Any] = {}
    for key, field in schema["properties"].items():
        kind = _pydantic_type(field, f"{name}_{key}")
        required = key in schema.get("required", ())
        # Attribute names must not begin with `model_` or shadow methods; aliases keep the keys.
        fields[f"f_{key}"] = (
            kind,
            pydantic.Field(alias=key) if required else pydantic.Field(None, alias=key),
        )
    return pydantic.create_model(name, __config__=pydantic.ConfigDict(extra="forbid"), **fields)


def _pydantic_type(field: dict[str, Any], name: str) -> Any:
    from typing import Annotated, Literal

    import pydantic

    from newsds.schema import is_nullable, resolve, scalar_type

    field = resolve(field)
    if "enum" in field:
        return Literal[tuple(field["enum"])]
    match "string" if scalar_type(field) == "timestamp" else scalar_type(field):
        case "string":
            # The pattern's lookahead is for other engines; pydantic's `$` is the very end.
            pattern = field.get("pattern", "").replace(r"$(?!\n)", "$") or None
            limits = pydantic.Field(
                min_length=field.get("minLength"), max_length=field.get("maxLength"), pattern=pattern
            )
            kind: Any = Annotated[str, limits]
        case "integer":
            kind = Annotated[int, pydantic.Field(ge=field.get("minimum"), le=field.get("maximum"))]
        case "number":
            kind = Annotated[float, pydantic.Field(ge=field.get("minimum"), le=field.get("maximum"))]
        case "boolean":
            kind = bool
        case "array":
            kind = Annotated[
                list[_pydantic_type(field["items"], name)], pydantic.Field(min_length=field.get("minItems"))
            ]  # type: ignore[misc] # made at run time
        case _:
            kind = _pydantic_model(field, name)
    return kind | None if is_nullable(field) else kind


def frictionless_run(path: Path) -> None:
    assert is_valid_for_frictionless(path)


def check_jsonschema_run(path: Path) -> None:
    check_jsonschema(path).check_returncode()


def parquet_read(path: Path) -> None:
    import pyarrow.parquet as pq

    for _ in pq.ParquetFile(path).iter_batches(batch_size=8192):
        pass


CONTENDERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "orjson loop (bare parse)": (orjson_loop, "lines"),
    "pyarrow.json, 1 thread (bare parse)": (pyarrow_json, "lines"),
    "newsds, schema": (lambda path: newsds_rules(path, rules="schema"), "lines"),
    "newsds, schema and record rules": (lambda path: newsds_rules(path, rules="record"), "part"),
    "jsonschema-rs loop": (jsonschema_rs_loop, "lines"),
    "pydantic": (pydantic_loop, "part"),
    "fastjsonschema": (fastjsonschema_loop, "part"),
    "jsonschema": (jsonschema_loop, "few"),
    "frictionless": (frictionless_run, "few"),
    "check-jsonschema": (check_jsonschema_run, "few"),
    "Parquet, bare read": (parquet_read, "columns"),
    "newsds, Parquet, schema": (lambda path: newsds_rules(path, rules="schema"), "columns"),
}


def cpu_seconds() -> float:
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def timed(run: Callable[[], object]) -> tuple[float, float]:
    """Return CPU and wall seconds."""
    cpu, wall = cpu_seconds(), time.perf_counter()
    run()
    return cpu_seconds() - cpu, time.perf_counter() - wall


#: What a process by itself runs on the file that is its first argument. It prints seconds of wall time and of CPU time,
#: and peak memory; not `ru_maxrss`, which a new process inherits from the one that started it.
ALONE = """
import os, re, sys, time
{imports}
started, cpu = time.perf_counter(), sum(os.times()[:4])
{call}
print(time.perf_counter() - started, sum(os.times()[:4]) - cpu)
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024)
"""
NEWSDS_ALONE = ALONE.format(
    imports="from newsds.checks import validate; from newsds.readers import read",
    call="validate(read(sys.argv[1]), rules='schema', workers=int(sys.argv[2]))",
)
PYARROW_ALONE = ALONE.format(
    imports=f"sys.path.append({str(Path(__file__).parent)!r}); import pyarrow as pa, pyarrow.json;"
    "from speed import pyarrow_json; pa.set_cpu_count(2)",
    call="pyarrow_json(sys.argv[1], use_threads=sys.argv[2] == '2')",
)


def alone(code: str, path: Path, n_parallel: int) -> dict[str, float]:
    """Return wall and CPU seconds, without imports, and peak MiB of a fresh process, as the command is one."""
    command = [sys.executable, "-c", code, str(path), str(n_parallel)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(zip(("wall", "cpu", "mib"), map(float, done.stdout.split()), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines, columns = write_records(Path(folder), arguments.records)
        files = {"lines": lines, "columns": columns}
        for name, n in (("part", 4 * FEW), ("few", FEW)):
            files[name] = Path(folder) / f"{name}.jsonl"
            files[name].write_bytes(b"".join(lines.read_bytes().splitlines(keepends=True)[:n]))
        compare(files, arguments)


def compare(files: dict[str, Path], arguments: argparse.Namespace) -> None:
    size = files["lines"].stat().st_size
    n_records = {"lines": arguments.records, "columns": arguments.records, "part": 4 * FEW, "few": FEW}
    print(
        f"{arguments.records:,} records, {size / 2**20:.0f} MiB of JSON lines; load {os.getloadavg()[0]:.1f}"
    )
    best: dict[str, float] = {}
    for number in range(arguments.rounds):
        for name, (run, kind) in CONTENDERS.items():
            if number >= 2 and kind == "few":
                continue
            cpu, _ = timed(lambda run=run, kind=kind: run(files[kind]))  # type: ignore[misc]
            best[name] = min(best.get(name, cpu), cpu)
    rate = {name: n_records[kind] / best[name] for name, (_, kind) in CONTENDERS.items()}
    for name, value in rate.items():
        print(f"{name:38} {value:>10,.0f} records per CPU second")
    own = rate["newsds, schema"]
    print()
    for peer in list(CONTENDERS)[:10]:
        print(f"newsds, schema = {own / rate[peer]:7.2f} x {peer}")
    ruled = rate["newsds, schema and record rules"]
    print(f"newsds, schema and record rules = {ruled / own:.2f} x newsds, schema")
    print(
        f"newsds, Parquet, schema takes {rate['Parquet, bare read'] / rate['newsds, Parquet, schema']:.2f} x the bare read"
    )
    two_processes(files["lines"], arguments)


def two_processes(lines: Path, arguments: argparse.Namespace) -> None:
    """Compare one and two processes with one and two threads on a file ten times as large."""
    large = lines.with_name("large.jsonl")
    with large.open("wb") as stream:
        stream.writelines([lines.read_bytes()] * 10)
    codes = {"newsds": NEWSDS_ALONE, "pyarrow": PYARROW_ALONE}
    best: dict[tuple[str, str, int], float] = {}
    for _ in range(arguments.rounds):
        for name, code in codes.items():
            for n in (1, 2):
                for measure, value in alone(code, large, n).items():
                    best[measure, name, n] = min(best.get((measure, name, n), value), value)
    print(
        f"\n{large.stat().st_size / 2**20:.0f} MiB, each in a process of its own; load {os.getloadavg()[0]:.1f}"
    )
    for n, words in (
        (1, "one process = {:.2f} x pyarrow.json in one thread"),
        (2, "two = {:.2f} x in two threads"),
    ):
        for measure in ("wall", "cpu"):
            ratio = best[measure, "pyarrow", n] / best[measure, "newsds", n]
            print(f"newsds, schema, {measure} time in {words.format(ratio)}")
    peaks = {name: best["mib", name, 2] for name in codes}
    print(
        f"peak memory of a process: newsds {peaks['newsds']:.0f} MiB, pyarrow.json {peaks['pyarrow']:.0f} MiB"
    )


if __name__ == "__main__":
    import pyarrow as pa

    pa.set_cpu_count(2)
    main()
