"""Database URLs: `sqlite://` and a path, or `postgres://` as libpq writes it."""

from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from parking.errors import BerthError

POOL_MIN = 1
POOL_MAX = 10

SYNCHRONOUS_LEVELS = ("FULL", "NORMAL", "OFF", "EXTRA")
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


class DatabaseUrlInvalid(BerthError):
    """The database URL is not of a form that Berth knows."""

    code = "DATABASE_URL_INVALID"


def is_sqlite(url: str) -> bool:
    """Whether the URL is of a SQLite file; else it is PostgreSQL. Raises `DatabaseUrlInvalid`."""
    scheme = url.partition(":")[0]
    if scheme not in ("sqlite", "postgres", "postgresql"):
        raise DatabaseUrlInvalid(
            f"the database URL begins with {scheme!r}; expected sqlite:// or postgres://"
        )
    return scheme == "sqlite"


def sqlite_path(url: str) -> Path:
    """The file of a SQLite URL. Raises `DatabaseUrlInvalid`."""
    path = unquote(url.removeprefix("sqlite://").partition("?")[0])
    if not path or path.startswith(":"):
        raise DatabaseUrlInvalid(
            f"{url!r} names no file; expected sqlite:// and a path, such as sqlite:///srv/berth.db"
        )
    return Path(path)


def sqlite_settings(url: str) -> dict[str, Any]:
    """File and durability: `sqlite:///srv/berth.db[?synchronous=normal]`."""
    options = _options(url)
    level = options.pop("synchronous", "FULL").upper()
    if level not in SYNCHRONOUS_LEVELS:
        raise DatabaseUrlInvalid(
            f"synchronous={level} is not one of {', '.join(SYNCHRONOUS_LEVELS)}"
        )
    _refuse_unknown(options, ("synchronous",))
    return {"file_path": str(sqlite_path(url)), "synchronous": level}


def postgres_settings(url: str) -> dict[str, Any]:
    """Server, account and database:

    `postgres://user:password@host:5432/name[?host=/run/postgresql&sslmode=require&maxsize=10]`.
    """
    parts = urlsplit(url)
    options = _options(url)
    settings: dict[str, Any] = {
        "host": options.pop("host", None) or parts.hostname or "localhost",
        "port": _port(parts),
        "user": unquote(parts.username or "") or None,
        "password": unquote(parts.password or "") or None,
        "database": unquote(parts.path.lstrip("/")),
        "minsize": _number(options, "minsize", POOL_MIN),
        "maxsize": _number(options, "maxsize", POOL_MAX),
    }
    if not settings["database"]:
        raise DatabaseUrlInvalid("the database URL names no database; expected …/name at its end")
    if (mode := options.pop("sslmode", None)) is not None:
        if mode not in SSL_MODES:
            raise DatabaseUrlInvalid(f"sslmode={mode} is not one of {', '.join(SSL_MODES)}")
        settings["ssl"] = mode
    _refuse_unknown(options, ("host", "minsize", "maxsize", "sslmode"))
    return settings


def _options(url: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or 5432
    except ValueError as error:
        raise DatabaseUrlInvalid(
            f"the port in the database URL is not a number up to 65535: {parts.netloc}"
        ) from error


def _number(options: dict[str, str], name: str, default: int) -> int:
    text = options.pop(name, str(default))
    if not (text.isascii() and text.isdigit()):
        raise DatabaseUrlInvalid(f"{name}={text} in the database URL is not a number")
    return int(text)


def _refuse_unknown(options: dict[str, str], known: tuple[str, ...]) -> None:
    if options:
        raise DatabaseUrlInvalid(
            f"unknown in the database URL: {', '.join(options)}; expected {', '.join(known)}"
        )
