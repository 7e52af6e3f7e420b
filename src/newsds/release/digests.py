"""Logical digests: what a table says, hashed, whatever file, shard, writer or column order it is in.

A row is written as bytes and hashed with SHA-256; the hashes of rows are the leaves of a Merkle tree as in RFC 6962.
The bytes of a value are nothing for null, an empty list, and a struct without members that say something; else

- a text: `s` and its UTF-8 (bytes: `s` and themselves);
- an integer: `i` and its decimal digits; an instant: `i` and its microseconds since 1970 in UTC;
- a floating point number: `d` and the decimal digits of its 64 bits read as a signed integer;
- a truth value: `b1` or `b0`;
- a list: `l` and its items, each as `length:bytes`, length in bytes and in decimal digits;
- a struct: `o` and, sorted by name, `length:name` and `length:bytes` of each member that says something.

A row is the struct of its columns. A column that is null everywhere therefore changes nothing: a table keeps its
digest when a later version of its schema adds a field.
"""

import hashlib
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from newsds.files import file_sha256

__all__ = ["file_sha256", "merkle_root", "row_digests", "table_root"]

#: Rows encoded at once: long bodies must not add up.
_ROWS = 1024

_EMPTY = pa.scalar(b"", pa.large_binary())


def row_digests(batch: pa.RecordBatch | pa.Table) -> list[bytes]:
    """Return the SHA-256 of each row, in order.

    Raises:
        pyarrow.ArrowNotImplementedError: a column is of a type that has no form here (a map, a union).
    """
    digests: list[bytes] = []
    for part in _parts(batch):
        digests += [hashlib.sha256(row).digest() for row in _encode(part.to_struct_array()).to_pylist()]
    return digests


def _parts(batch: pa.RecordBatch | pa.Table) -> Iterable[pa.RecordBatch]:
    if isinstance(batch, pa.Table):
        return batch.to_batches(max_chunksize=_ROWS)
    return (batch.slice(start, _ROWS) for start in range(0, batch.num_rows, _ROWS))


def merkle_root(leaves: Sequence[bytes]) -> str:
    """Return the root of the Merkle tree over leaves in their order, as hexadecimal digits; see RFC 6962, 2.1."""
    level = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        paired = [
            hashlib.sha256(b"\1" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)
        ]
        # A node without a sibling moves up as it is, which is the tree of the RFC.
        level = paired + level[len(paired) * 2 :]
    return (level[0] if level else hashlib.sha256(b"").digest()).hex()


def table_root(leaves: Iterable[bytes]) -> str:
    """Return the root over the rows of a table in no order: shards and splits do not change it."""
    return merkle_root(sorted(leaves))


def _encode(array: pa.Array) -> pa.Array:
    """Return the bytes of each value; empty where it says nothing, never null."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _encode(array.dictionary_decode())
    if pa.types.is_struct(kind):
        return _encode_structs(array)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _encode_lists(array)
    return _marked(*_scalars(array))


def _scalars(array: pa.Array) -> tuple[bytes, pa.Array]:
    """Return the mark of a type and its values as bytes."""
    kind, binary, types = array.type, pa.large_binary(), pa.types
    if types.is_null(kind):
        return b"s", pa.nulls(len(array), binary)
    if any(test(kind) for test in (types.is_string, types.is_large_string, types.is_string_view)):
        return b"s", array.cast(pa.large_string()).cast(binary)
    if any(test(kind) for test in (types.is_binary, types.is_large_binary, types.is_binary_view)):
        return b"s", array.cast(binary)
    return _numbers(array)


def _numbers(array: pa.Array) -> tuple[bytes, pa.Array]:
    kind, types = array.type, pa.types
    if types.is_boolean(kind):
        return b"b", _digits(array.cast(pa.int8()))
    if types.is_timestamp(kind):
        return b"i", _digits(array.cast(pa.timestamp("us", tz=kind.tz)).view(pa.int64()))
    if types.is_floating(kind):
        return b"d", _digits(array.cast(pa.float64()).view(pa.int64()))
    if types.is_integer(kind):
        return b"i", _digits(array)
    raise pa.ArrowNotImplementedError(f"no logical digest for a column of type {kind}")


def _digits(array: pa.Array) -> pa.Array:
    return array.cast(pa.large_string()).cast(pa.large_binary())


def _join(*parts: pa.Array | pa.Scalar) -> pa.Array:
    return pc.binary_join_element_wise(*parts, _EMPTY)


def _marked(mark: bytes, values: pa.Array) -> pa.Array:
    """Return values behind the mark of their type; nothing for null."""
    return pc.fill_null(_join(pa.scalar(mark, pa.large_binary()), values), _EMPTY)


def _measured(values: pa.Array) -> pa.Array:
    """Return each value behind its length and a colon."""
    return _join(_digits(pc.binary_length(values)), pa.scalar(b":", pa.large_binary()), values)


def _unless_empty(mark: bytes, values: pa.Array) -> pa.Array:
    return pc.if_else(_is_empty(values), _EMPTY, _marked(mark, values))


def _is_empty(values: pa.Array) -> pa.Array:
    return pc.equal(pc.binary_length(values), pa.scalar(0, pa.int64()))


def _encode_structs(array: pa.StructArray) -> pa.Array:
    names = [array.type.field(number).name for number in range(array.type.num_fields)]
    columns = dict(zip(names, array.flatten(), strict=True))
    members = []
    for name in sorted(columns):
        encoded = _encode(columns[name])
        head = pa.scalar(f"{len(name.encode())}:{name}".encode(), pa.large_binary())
        members.append(pc.if_else(_is_empty(encoded), _EMPTY, _join(head, _measured(encoded))))
    return _unless_empty(b"o", _join(*members))


def _encode_lists(array: pa.Array) -> pa.Array:
    offsets = array.offsets
    first, last = offsets[0].as_py(), offsets[-1].as_py()
    items = _measured(_encode(array.values.slice(first, last - first)))
    moved = pc.subtract(offsets, pa.scalar(first, offsets.type))
    lists = pa.LargeListArray if pa.types.is_large_list(array.type) else pa.ListArray
    joined = pc.binary_join(lists.from_arrays(moved, items), _EMPTY)
    return _unless_empty(b"l", pc.if_else(pc.is_valid(array), joined, _EMPTY))
