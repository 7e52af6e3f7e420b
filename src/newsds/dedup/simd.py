"""How loops are compiled, and what they need that numba does not offer: wide loads of bytes, the search for a set bit."""

import gc

import numba
from llvmlite import ir
from numba import types
from numba.core.caching import FunctionCache
from numba.core.runtime.nrt import rtsys
from numba.extending import intrinsic

__all__ = ["BLOCK", "compiled", "count_ones", "count_zeros", "load_word", "prefetch", "sort_bytes"]

#: Bytes that `sort_bytes` looks at together.
BLOCK = 64

_BIT, _BYTE, _INT, _WORD = ir.IntType(1), ir.IntType(8), ir.IntType(32), ir.IntType(64)
_BYTES = ir.VectorType(_BYTE, BLOCK)


class _Cache(FunctionCache):
    """Compiled code that is kept.

    numba makes itself ready to compile before it looks for it, which imports half of it and scipy, and takes longer than
    the rest of its start. What was compiled needs the allocator alone; to compile, numba makes itself ready once more.
    """

    def load_overload(self, sig, target_context):
        # What is loaded stays; to look for garbage among it takes as long as to load it.
        collects = gc.isenabled()
        gc.disable()
        try:
            rtsys.initialize(target_context)
            with self._guard_against_spurious_io_errors():
                return self._load_overload(sig, target_context)
        finally:
            if collects:
                gc.enable()


def compiled(function):
    """Return a function that is compiled when first called; the code is kept, and the interpreter's lock is not held."""
    dispatcher = numba.njit(function, nogil=True)
    dispatcher._cache = _Cache(function)  # noqa: SLF001 # what `cache=True` does
    return dispatcher


@intrinsic
def load_word(context, data, at):
    """Return the eight bytes from a place on as one number, the first in its lowest byte; they must be there."""

    def generate(context, builder, signature, arguments):
        return _load(context, builder, signature, arguments, _WORD)

    return types.uint64(data, types.intp), generate


@intrinsic
def count_zeros(context, bits):
    """Return how many zeros lie below the lowest one of a number."""

    def generate(_context, builder, _signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(_BIT, 0))

    return types.int64(types.uint64), generate


@intrinsic
def count_ones(context, bits):
    """Return how many bits of a number are set."""

    def generate(_context, builder, _signature, arguments):
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


@intrinsic
def prefetch(context, data, at):
    """Ask for a place of an array that is too large for the caches, and is about to be read: many are under way at once."""

    def generate(context, builder, signature, arguments):
        place = _find_place(context, builder, signature, arguments, _BYTE)
        kind = ir.FunctionType(ir.VoidType(), [place.type, _INT, _INT, _INT])
        function = builder.module.declare_intrinsic("llvm.prefetch", [place.type], kind)
        # To be read; kept in all caches; data, not instructions.
        builder.call(function, [place, _INT(0), _INT(3), _INT(1)])
        return context.get_dummy_value()

    return types.void(data, types.intp), generate


@intrinsic
def sort_bytes(context, data, at):
    """Return a bit for each of the 64 bytes from a place on, which must be there.

    Four times: for the ASCII letters and digits, the digits alone, comma and full stop, all that is not ASCII.
    """

    def generate(context, builder, signature, arguments):
        block = _load(context, builder, signature, arguments, _BYTES)
        letter = _is_within(builder, builder.or_(block, _all(0x20)), "a", "z")
        digit = _is_within(builder, block, "0", "9")
        mark = builder.or_(_is_within(builder, block, ",", ","), _is_within(builder, block, ".", "."))
        high = builder.icmp_signed("<", block, _all(0))
        bits = [builder.bitcast(found, _WORD) for found in (builder.or_(letter, digit), digit, mark, high)]
        return context.make_tuple(builder, signature.return_type, bits)

    return types.UniTuple(types.uint64, 4)(data, types.intp), generate


def _load(context, builder, signature, arguments, kind):
    return builder.load(_find_place(context, builder, signature, arguments, kind), align=1)


def _find_place(context, builder, signature, arguments, kind):
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.bitcast(builder.gep(array.data, [arguments[1]]), kind.as_pointer())


def _is_within(builder, block, first, last):
    return builder.icmp_unsigned("<=", builder.sub(block, _all(ord(first))), _all(ord(last) - ord(first)))


def _all(byte):
    return ir.Constant(_BYTES, [byte] * BLOCK)
