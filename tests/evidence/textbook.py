"""RFC 6962 §2.1 as it is written, recursion and all: slow, and too plain to be wrong."""

from hashlib import sha256


def split(size):
    """The largest power of two smaller than ``size``."""
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def mth(data):
    """MTH(D[n]) over the leaves' bytes."""
    if not data:
        return sha256(b"").digest()
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = split(len(data))
    return sha256(b"\x01" + mth(data[:k]) + mth(data[k:])).digest()


def path(m, data):
    """PATH(m, D[n]) (§2.1.1)."""
    if len(data) == 1:
        return []
    k = split(len(data))
    if m < k:
        return [*path(m, data[:k]), mth(data[k:])]
    return [*path(m - k, data[k:]), mth(data[:k])]


def proof(m, data):
    """PROOF(m, D[n]) (§2.1.2)."""
    return subproof(m, data, True)


def subproof(m, data, whole):
    """SUBPROOF(m, D[n], b) (§2.1.2)."""
    if m == len(data):
        return [] if whole else [mth(data)]
    k = split(len(data))
    if m <= k:
        return [*subproof(m, data[:k], whole), mth(data[k:])]
    return [*subproof(m - k, data[k:], False), mth(data[:k])]
