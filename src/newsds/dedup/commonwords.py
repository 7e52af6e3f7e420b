"""Words that are common in news whatever the corpus: what a small corpus cannot tell."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.features import extract_features

__all__ = ["count_expected"]

#: Words by the share of texts that have them.
_SHARES = {
    0.6: """
        the of to and a in said for it on that is was by with at from its be as an has he are which will were had not this
        der die das und in den von zu mit sich auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie
        nach bei um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man sei wird
        le la les de des et à un une du en que qui dans pour au il sur plus par ce pas ne se est avec son aux sont cette
        el los las y que en un una por con para se del al lo como más su sus pero o fue ha es no le este entre
        o a os as e do da dos das em um uma para com não por mais na no se ao foi como
        il di che e la in per un una del con non si da al della dei le sono i gli alla nel ha dal
        het een van en dat op te zijn voor met niet aan er om ook als bij maar uit nog werd heeft
    """,
    0.2: """
        one two first last new year years week month months day days today yesterday time also they their his her she we
        who have been more than but or about up out after before over would could should can may into when while other
        some most all no any there these those under between against because since during through so if what
        company government president officials official minister people country state market percent pct million mln
        billion dlrs told reported report statement spokesman added according three four five six made make expected
        january february march april june july august september october november december
        monday tuesday wednesday thursday friday saturday sunday s u u.s
    """,
}
_BITS = 16


def count_expected(words: NDArray[np.uint64], n_texts: int) -> NDArray[np.float64]:
    """Return in how many of so many texts words are expected to be: none, of most."""
    known, shares, may_be = _table()
    found = np.zeros(len(words))
    rows = np.flatnonzero(may_be[words >> np.uint64(64 - _BITS)])
    places = np.minimum(np.searchsorted(known, words[rows]), len(known) - 1)
    found[rows] = np.where(known[places] == words[rows], shares[places] * n_texts, 0.0)
    return found


@cache
def _table() -> tuple[NDArray[np.uint64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return the hashes of the words in order, their shares, and which leading bits of a hash they have."""
    hashes, shares = [], []
    for share, words in _SHARES.items():
        tokens = extract_features([words], n_shingle=1, engine="numpy").tokens.values
        hashes.append(tokens)
        shares.append(np.full(len(tokens), share))
    known, first = np.unique(np.concatenate(hashes), return_index=True)
    may_be = np.zeros(1 << _BITS, np.bool_)
    may_be[known >> np.uint64(64 - _BITS)] = True
    return known, np.concatenate(shares)[first], may_be
