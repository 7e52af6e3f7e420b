"""The constants of the hash specification, docs/reference/hashing.md."""

import numpy as np

__all__ = ["ALIGNED_TOKENS", "BAND", "EMPTY", "GAP", "HASH_VERSION", "SHINGLE", "STEP", "TOKEN_BYTES", "WORD"]

#: Changes with every change of a hash value; part of the fingerprint of an index.
HASH_VERSION = 2

#: Odd constants of the mixing steps.
WORD = np.uint64(0xD6E8FEB86659FD93)
STEP = np.uint64(0xA0761D6478BD642F)
SHINGLE = np.uint64(0x9E3779B97F4A7C15)
BAND = np.uint64(0xE7037ED1A0B428DB)
GAP = np.uint64(0x8EBC6AF09C88C6E3)
#: Folded bytes of a token that are hashed; the length of a longer one is hashed too.
TOKEN_BYTES = 64
#: An empty bin of a signature before it is filled.
EMPTY = 0xFFFFFFFF
#: Tokens of one side that are aligned at most, after a common beginning and end are set aside.
ALIGNED_TOKENS = 16_384
