"""Whose page a request comes from."""

from urllib.parse import urlsplit


def is_own(origin: str, host: str | None, base_url: str) -> bool:
    """Whether a page of ours sent this ``Origin`` (RFC 6454).

    Ours is the address that the request itself was sent to, or, behind an edge that writes its
    own ``Host``, the public one.
    """
    return urlsplit(origin).netloc in {host, urlsplit(base_url).netloc}
