"""Addresses as they are shown and reached."""

from urllib.parse import urlsplit


def reachable(host: str) -> str:
    """An address by which this machine reaches what listens on `host`, as it stands in a URL."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"[{target}]" if ":" in target else target


def without_password(url: str) -> str:
    """A database's or Redis' URL as it may be shown."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    netloc = parts.netloc.replace(f":{parts.password}@", ":…@")
    return parts._replace(netloc=netloc, query="").geturl()
