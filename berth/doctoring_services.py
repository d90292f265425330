"""The doctor's look at what answers over a connection: database, Redis, ports."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError
from tortoise.exceptions import OperationalError

from berth.addresses import without_password
from berth.doctoring import Finding, fail, ok, warn
from berth.doctoring_channels import look_at_channels
from berth.ports import Listening, PortUnavailable, api_listening, check_free, coap_listening
from berth.probing import answers_coap, answers_http
from berth.secret import SECRET_FILE, secret_of
from berth.settings import Settings
from parking.accounts.keys import derive_keys
from parking.devices.sealing import Sealer, Unsealable
from parking.devices.secrets import seal_label
from parking.errors import BerthError
from parking.settlement.rails.port import RailError
from parking.storage.database import connect, disconnect, sqlite_path
from parking.storage.migrate import MigrationStatus, migration_status
from parking.storage.sql import as_time, database
from parking.storage.transactions import transaction

CONNECT_SECONDS_MAX = 5.0
REDIS_MIN = (6, 2)
CLOCK_DRIFT_MAX = timedelta(seconds=2)


async def look_at_services(settings: Settings) -> AsyncIterator[Finding]:
    """Secret key, database, Redis and ports."""
    secret = _secret(settings)
    yield secret
    async for finding in look_at_database(settings):
        yield finding
    yield await look_at_redis(settings)
    yield await look_at_stripe(settings)
    async for finding in look_at_channels(settings):
        yield finding
    yield await look_at_api_port(settings)
    yield await look_at_coap_port(settings)


def _secret(settings: Settings) -> Finding:
    kept = settings.data_dir / SECRET_FILE
    if settings.secret_key is None and not kept.exists():
        return warn("secret key", "not made yet", "`berth up` or `berth migrate` makes it")
    try:
        derive_keys(secret_of(settings), settings.former_secret_keys)
    except BerthError as error:
        return fail("secret key", error.message, "restore it from a backup")
    origin = "BERTH_SECRET_KEY" if settings.secret_key is not None else str(kept)
    return ok("secret key", f"from {origin}; back it up with the database")


async def look_at_database(settings: Settings) -> AsyncIterator[Finding]:
    """Whether it answers, fits this version, can be written, agrees on time and secrets."""
    shown = without_password(settings.database)
    if settings.is_embedded and not sqlite_path(settings.database).exists():
        yield warn("database", f"{shown} does not exist yet", "run: berth migrate")
        return
    try:
        async with asyncio.timeout(CONNECT_SECONDS_MAX):
            status = await migration_status(settings.database)
            await connect(settings.database)
    except (OperationalError, BerthError, TimeoutError) as error:
        told = str(error) or f"no answer within {CONNECT_SECONDS_MAX:g} s"
        advice = "start the database, or correct BERTH_DATABASE_URL"
        yield fail("database", f"{shown}: {told}", advice)
        return
    try:
        yield ok("database", f"{shown} answers")
        yield _migrations(status)
        if not status.pending:
            yield await _writable()
            yield await _same_clock()
            yield await _seals(settings)
    finally:
        await disconnect()


def _migrations(status: MigrationStatus) -> Finding:
    if status.unknown:
        about = f"migrated by a newer Berth: {', '.join(status.unknown)}"
        return fail("migrations", about, "install the newer version")
    if status.pending:
        return fail("migrations", f"missing: {', '.join(status.pending)}", "run: berth migrate")
    return ok("migrations", f"{len(status.applied)} applied, none missing")


async def _writable() -> Finding:
    try:
        async with transaction() as sql:
            await sql.execute("UPDATE place SET version = version WHERE id = -1")
    except OperationalError as error:
        advice = "give the user of BERTH_DATABASE_URL the right to write, and see to disk space"
        return fail("database writes", str(error), advice)
    return ok("database writes", "work")


async def _same_clock() -> Finding:
    row = await database().fetch_one("SELECT CURRENT_TIMESTAMP AS now")
    told = as_time(row["now"]) if row else datetime.now(UTC)
    drift = abs(datetime.now(UTC) - told)
    # SQLite tells whole seconds.
    if drift > CLOCK_DRIFT_MAX + timedelta(seconds=1):
        about = f"the database's differs by {drift.total_seconds():.0f} s"
        return warn("database clock", about, "synchronise both machines (NTP)")
    return ok("database clock", "agrees")


async def _seals(settings: Settings) -> Finding:
    """Whether the secret key is the one that the devices' secrets are sealed under."""
    row = await database().fetch_one(
        "SELECT kid, kid_context, secret_sealed FROM device_credential"
        " WHERE revoked_at IS NULL ORDER BY id DESC LIMIT 1"
    )
    if row is None:
        return ok("device secrets", "none yet")
    try:
        sealer = Sealer(secret_of(settings).encode())
        sealer.open(row["secret_sealed"], seal_label(row["kid"], row["kid_context"]))
    except (Unsealable, BerthError):
        advice = "set BERTH_SECRET_KEY to the key that was used before, or rotate every device"
        return fail("device secrets", "sealed under another secret key", advice)
    return ok("device secrets", "open with the secret key")


async def look_at_redis(settings: Settings) -> Finding:
    """Whether it answers and is new enough."""
    if settings.redis_url is None:
        if settings.is_embedded:
            return ok("redis", "not used: one process has everything")
        advice = "set BERTH_REDIS_URL when API and gateway are different processes"
        return warn("redis", "not set: changes are found by reading the database", advice)
    shown = without_password(settings.redis_url)
    redis = Redis.from_url(
        settings.redis_url,
        socket_timeout=CONNECT_SECONDS_MAX,
        socket_connect_timeout=CONNECT_SECONDS_MAX,
    )
    try:
        async with asyncio.timeout(CONNECT_SECONDS_MAX):
            version = str((await redis.info("server"))["redis_version"])
    except (RedisError, OSError, TimeoutError) as error:
        told = str(error) or "no answer"
        return fail("redis", f"{shown}: {told}", "start Redis, or correct BERTH_REDIS_URL")
    finally:
        await redis.aclose()
    if tuple(int(part) for part in version.split(".")[:2]) < REDIS_MIN:
        return warn("redis", f"{shown} has version {version}", "use Redis 6.2 or newer")
    return ok("redis", f"{shown} answers, version {version}")


async def look_at_stripe(settings: Settings) -> Finding:
    """Whether the Stripe account can be used, where one is set up."""
    if settings.stripe_key is None:
        return ok("payments", "wallets only; BERTH_STRIPE_KEY is not set")
    from berth.stripe_rail import StripeRail

    rail = StripeRail(
        settings.stripe_key, settings.stripe_webhook_secret, "doctor",
        api_base=settings.stripe_api_base, seconds_max=CONNECT_SECONDS_MAX,
    )  # fmt: skip
    try:
        await rail.check()
    except RailError as error:
        return fail("payments", error.message, "correct BERTH_STRIPE_KEY (docs/payments.md)")
    finally:
        await rail.close()
    if settings.stripe_webhook_secret is None:
        advice = "set BERTH_STRIPE_WEBHOOK_SECRET (docs/payments.md)"
        return warn("payments", "Stripe answers, but its webhooks are refused", advice)
    return ok("payments", "Stripe answers")


async def look_at_api_port(settings: Settings) -> Finding:
    """Whether the API's port is free, or Berth has it already."""
    wanted = api_listening(settings)
    is_ours = await answers_http(settings.host, settings.port, "/healthz")
    return _port(wanted, "API port", is_ours)


async def look_at_coap_port(settings: Settings) -> Finding:
    """Whether the gateway's port is free, or something that speaks CoAP has it."""
    wanted = coap_listening(settings)
    is_ours = await answers_coap(settings.coap_host, settings.coap_port)
    return _port(wanted, "CoAP port", is_ours)


def _port(wanted: Listening, name: str, is_ours: bool) -> Finding:
    if is_ours:
        return ok(name, f"{wanted.told} is answered: Berth is running")
    try:
        check_free(wanted)
    except PortUnavailable as error:
        return fail(name, error.message, f"choose another with {wanted.variable}")
    return ok(name, f"{wanted.told} is free")
