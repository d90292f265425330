"""Tortoise's asyncpg engine, corrected. Tortoise finds it by the module's name.

What differs from `tortoise.backends.asyncpg`, and why:

- Cancelling a task anywhere in a transaction brings the connection back to the pool, and a COMMIT
  that is under way is waited for.
- Waiting for a connection has an end (`POOL_WAIT_SECONDS`), and so has waiting for a row lock.
- Serialization failures, deadlocks and lock timeouts become `Contended`, lost connections
  `Unreachable`; Tortoise lets the driver's errors through.
- A COMMIT of a transaction that PostgreSQL has already given up fails instead of passing for one.
- A connection goes back to the pool without the statement that resets session settings, which
  costs a round trip each time: nothing here changes them.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.backends.base.client import TransactionalDBClient, TransactionContext
from tortoise.exceptions import (
    DBConnectionError,
    IntegrityError,
    OperationalError,
    TransactionManagementError,
)

from parking.storage.faults import Contended, TransactionOver, Unreachable
from parking.storage.outlast import outlast
from parking.storage.scopes import SavepointScope, TransactionScope

T = TypeVar("T")
Row = dict[str, Any]
Values = Sequence[Any]

POOL_WAIT_SECONDS = 30
LOCK_WAIT_SECONDS = 15
IDLE_IN_TRANSACTION_SECONDS = 60
COMMAND_SECONDS_MAX = 120
STATEMENTS_CACHED = 500

SERVER_SETTINGS = {
    "application_name": "berth",
    "timezone": "UTC",
    "lock_timeout": f"{LOCK_WAIT_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS}s",
    # Compiling a statement costs more than running it, for statements as small as ours.
    "jit": "off",
}

_CONTENTION = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
)
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InsufficientResourcesError,  # connections, memory, disk
    asyncpg.PostgresIOError,
    asyncpg.ReadOnlySQLTransactionError,  # a standby, after a failover
    asyncpg.ObjectNotInPrerequisiteStateError,  # the database takes no connections
    asyncpg.InterfaceError,
    # What asyncpg says when the server ends a connection in the very moment of its next statement:
    # "cannot switch to state 15; another operation (2) is in progress".
    asyncpg.InternalClientError,
    OSError,
)
_DRIVER = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)


class PooledConnection(asyncpg.Connection):
    """A connection whose session settings nobody changes, so that there is nothing to reset."""

    __slots__ = ()

    def get_reset_query(self) -> str:
        return ""


class AsyncpgEngine(AsyncpgDBClient):
    """The client outside transactions: each statement takes a connection from the pool."""

    connection_class = PooledConnection

    def __init__(self, **kwargs: Any) -> None:
        settings = {**SERVER_SETTINGS, **(kwargs.pop("server_settings", None) or {})}
        kwargs.setdefault("command_timeout", COMMAND_SECONDS_MAX)
        # A connection that is idle stays: making one costs more than keeping it.
        kwargs.setdefault("max_inactive_connection_lifetime", 0)
        kwargs.setdefault("statement_cache_size", STATEMENTS_CACHED)
        super().__init__(server_settings=settings, **kwargs)

    async def create_connection(self, with_db: bool) -> None:
        """Open the pool. Raises `Unreachable` if there is no server, no database or no access."""
        try:
            await super().create_connection(with_db)
        except (*_DRIVER, DBConnectionError) as error:
            raise Unreachable(f"PostgreSQL at {self.host}:{self.port}: {error}") from error

    async def pool(self) -> asyncpg.Pool:
        """The pool, opened when it is not yet."""
        if self._pool is None:
            async with self._pool_init_lock:
                if self._pool is None:
                    await self.create_connection(with_db=True)
        assert self._pool is not None
        return self._pool

    async def take(self) -> Any:
        """A connection from the pool; to be given back with `give_back`."""
        pool = await self.pool()
        try:
            async with asyncio.timeout(POOL_WAIT_SECONDS):
                return await pool.acquire()
        except TimeoutError as error:
            raise Contended(
                f"no database connection came free within {POOL_WAIT_SECONDS} s; "
                "transactions are too long or the pool (maxsize) is too small"
            ) from error
        except _DRIVER as error:
            raise translated(error) from error

    async def give_back(self, connection: Any) -> None:
        """Return a connection; asyncpg goes on with it even when this task is cancelled."""
        # The pool was closed meanwhile, or the connection: the pool has let go of it then.
        with suppress(asyncpg.InterfaceError, asyncpg.InternalClientError):
            if self._pool is not None:
                await self._pool.release(connection)

    async def fetch(self, query: str, values: Values) -> list[Row]:
        """Rows of a statement with `$1` placeholders."""
        connection = await self.take()
        try:
            return list(map(dict, await connection.fetch(query, *values)))
        except _DRIVER as error:
            raise translated(error) from error
        finally:
            await self.give_back(connection)

    async def run(self, query: str, values: Values) -> int:
        """Execute a statement with `$1` placeholders; rows affected."""
        connection = await self.take()
        try:
            return affected(await connection.execute(query, *values))
        except _DRIVER as error:
            raise translated(error) from error
        finally:
            await self.give_back(connection)

    async def run_many(self, query: str, rows: Sequence[Values]) -> None:
        """Execute a statement with `$1` placeholders for each of `rows`: all or none."""
        connection = await self.take()
        try:
            await connection.executemany(query, rows)
        except _DRIVER as error:
            raise translated(error) from error
        finally:
            await self.give_back(connection)

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        rows = await self.fetch(query, values)
        return rows[0] if rows else None

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        await self.run_many(query, values)

    async def execute_query(
        self, query: str, values: list[Any] | None = None
    ) -> tuple[int, list[Row]]:
        if query.lstrip()[:6].upper() in ("UPDATE", "DELETE", "INSERT"):
            return await self.run(query, values or ()), []
        rows = await self.fetch(query, values or ())
        return len(rows), rows

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[Row]:
        return await self.fetch(query, values or ())

    async def execute_script(self, query: str) -> None:
        await self.run(query, ())

    def _in_transaction(self) -> TransactionContext:
        return TransactionScope(AsyncpgTransaction(self))


class AsyncpgTransaction(AsyncpgEngine, TransactionalDBClient):
    """The client inside one transaction: holds one connection from `enter` to `leave`."""

    def __init__(self, parent: AsyncpgEngine) -> None:
        self.connection_name = parent.connection_name
        self.log = parent.log
        self.fetch_inserted = parent.fetch_inserted
        self._bound_loop = parent._bound_loop  # noqa: SLF001 - Tortoise has no other way
        self._parent: AsyncpgEngine = parent
        self._held: Any = None
        # One statement at a time on a connection, also for tasks gathered in a transaction.
        self._turn = asyncio.Lock()
        self.is_over = False

    async def enter(self) -> None:
        connection = await self._parent.take()
        try:
            await told(connection.execute("BEGIN"))
        except BaseException:
            await _end(connection, self._parent)
            raise
        self._held = connection

    async def leave(self) -> None:
        connection, self._held = self._held, None
        await self._parent.give_back(connection)

    async def take(self) -> Any:
        await self._turn.acquire()
        if self.is_over or self._held is None:
            self._turn.release()
            raise TransactionOver(
                "this transaction has ended; a task that outlives it must be started with "
                "parking.storage.transactions.detached"
            )
        return self._held

    async def give_back(self, connection: Any) -> None:
        self._turn.release()

    async def command(self, statement: str) -> None:
        connection = await self.take()
        try:
            await told(outlast(asyncio.ensure_future(connection.execute(statement))))
        finally:
            self._turn.release()

    async def commit(self) -> None:
        connection = await self.take()
        self.is_over = True
        self._turn.release()
        status = await told(outlast(asyncio.ensure_future(connection.execute("COMMIT"))))
        if status != "COMMIT":
            raise TransactionManagementError(
                "nothing was committed: an earlier statement of this transaction failed and its "
                "error was caught; run such a statement in a nested transaction()"
            )

    async def roll_back(self) -> None:
        if self.is_over or self._held is None:
            return
        self.is_over = True
        await _roll_back(self._held)

    def _in_transaction(self) -> TransactionContext:
        return SavepointScope(self)

    rollback = roll_back

    async def begin(self) -> None:
        await self.enter()

    async def savepoint(self) -> None:
        await self.command("SAVEPOINT berth_manual")

    async def savepoint_rollback(self) -> None:
        await self.command("ROLLBACK TO SAVEPOINT berth_manual")

    async def release_savepoint(self) -> None:
        await self.command("RELEASE SAVEPOINT berth_manual")


async def _roll_back(connection: Any) -> None:
    """Undo, or drop the connection: one that is still in a transaction must not be used again."""
    try:
        await outlast(asyncio.ensure_future(connection.execute("ROLLBACK")))
    except Exception:
        connection.terminate()
        raise


async def _end(connection: Any, owner: AsyncpgEngine) -> None:
    """Whatever became of its BEGIN, bring the connection back to the pool without one."""
    try:
        with suppress(Exception):
            await _roll_back(connection)
    finally:
        await owner.give_back(connection)


async def told(work: Awaitable[T]) -> T:
    """Wait for `work`, its errors translated."""
    try:
        return await work
    except _DRIVER as error:
        raise translated(error) from error


def affected(status: str) -> int:
    """The number of rows in a command's status, such as 3 in `INSERT 0 3`; 0 if it has none."""
    count = status.rpartition(" ")[2]
    return int(count) if count.isdigit() else 0


def translated(error: Exception) -> Exception:
    """The error in the words of `parking.storage.faults` and Tortoise."""
    if isinstance(error, _CONTENTION):
        return Contended(f"{error} (SQLSTATE {getattr(error, 'sqlstate', '')})")
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return IntegrityError(error)
    if isinstance(error, _LOST):
        return Unreachable(f"{type(error).__name__}: {error}")
    if isinstance(error, asyncpg.InvalidTransactionStateError):
        return TransactionManagementError(error)
    return OperationalError(error)


client_class = AsyncpgEngine
