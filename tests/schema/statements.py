"""Counting the statements that reach the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from parking.storage.sql import Sql


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements read within the block."""
    seen: list[str] = []
    fetch = Sql.fetch

    async def counting(self: Sql, query: str, *args: Any) -> list[dict[str, Any]]:
        seen.append(query)
        return await fetch(self, query, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sql, "fetch", counting)
        yield seen
