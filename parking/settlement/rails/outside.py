"""A payment rail is asked outside of every transaction: a transaction would wait for it, holding
its locks, and what the rail was told could be rolled back here but not there."""

from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connections

from parking.storage.sql import CONNECTION


def require_outside() -> None:
    """Raises RuntimeError inside a transaction: a bug in Berth."""
    is_inside = isinstance(get_connections().get(CONNECTION), TransactionalDBClient)
    if is_inside:
        raise RuntimeError(
            "a payment rail is asked inside a transaction; call this before the transaction begins"
        )
