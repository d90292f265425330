"""URLs, and connecting to one database after another."""

import pytest
from tortoise.exceptions import ConfigurationError

from parking.accounts.models import Organisation
from parking.storage.database import DatabaseUrlInvalid, config_for, connect, disconnect
from parking.storage.sql import database as db
from tests.support.churn import NOW


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///srv/berth.db", {"file_path": "/srv/berth.db", "synchronous": "FULL"}),
        ("sqlite://berth.db", {"file_path": "berth.db", "synchronous": "FULL"}),
        ("sqlite:///a%20b.db?synchronous=off", {"file_path": "/a b.db", "synchronous": "OFF"}),
        (
            "postgresql://me:p%40ss@db.example:6432/berth?maxsize=20",
            {"host": "db.example", "port": 6432, "user": "me", "password": "p@ss",
             "database": "berth", "minsize": 1, "maxsize": 20},
        ),
        (
            "postgres://me@db.example/berth?sslmode=verify-full",
            {"host": "db.example", "port": 5432, "user": "me", "password": None,
             "database": "berth", "minsize": 1, "maxsize": 10, "ssl": "verify-full"},
        ),
        (
            "postgres:///berth?host=/run/postgresql",
            {"host": "/run/postgresql", "port": 5432, "user": None, "password": None,
             "database": "berth", "minsize": 1, "maxsize": 10},
        ),
    ],
)  # fmt: skip
def test_url_is_read(url: str, expected: dict[str, object]) -> None:
    assert config_for(url)["connections"]["default"]["credentials"] == expected


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("mysql://localhost/berth", "mysql"),
        ("berth.db", "berth.db"),
        ("sqlite://:memory:", "no file"),
        ("sqlite://", "no file"),
        ("sqlite:///a.db?synchronous=maybe", "MAYBE"),
        ("postgres://localhost/berth?sslmode=maybe", "sslmode"),
        ("postgres://localhost/berth?timeout=3", "timeout"),
        ("sqlite:///a.db?cache=shared", "cache"),
        ("postgres://localhost:port/berth", "port"),
        ("postgres://localhost/berth?maxsize=many", "maxsize"),
        ("postgres://localhost/", "database"),
    ],
)
def test_a_false_url_is_refused_by_name(url: str, named: str) -> None:
    with pytest.raises(DatabaseUrlInvalid, match=named):
        config_for(url)


async def test_one_process_may_use_both_dialects_in_turn(
    sqlite_url: str, postgres_url: str
) -> None:
    for url in (sqlite_url, postgres_url, sqlite_url, postgres_url):
        await connect(url)
        made = await Organisation.create(name=url[:5], created_at=NOW)
        await Organisation.filter(id=made.id).update(name="changed")
        assert (await Organisation.get(id=made.id)).name == "changed"
        await disconnect()


async def test_a_second_connect_is_refused_and_leaves_the_first(database: str) -> None:
    with pytest.raises(ConfigurationError):
        await connect(database)
    assert await db().fetch("SELECT 1 AS one") == [{"one": 1}]


async def test_disconnect_without_connect_does_nothing() -> None:
    await disconnect()
