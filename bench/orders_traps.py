"""Where who takes a message may die, in the proof of merchants' orders."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import api.sms
from bench.orders_plan import Death
from bench.orders_time import SharedClock
from parking.merchants.orders import take
from parking.merchants.orders.place import carry_out
from parking.merchants.sms.handle import handle_sms


@contextmanager
def traps(clock: SharedClock, die: Callable[[], None]) -> Iterator[None]:
    """Let whoever comes to the armed point `die`."""

    def spring(death: Death) -> None:
        if clock.springs(death):
            die()

    async def carry(*given: Any, **more: Any) -> None:
        spring(Death.RECORDED)
        await carry_out(*given, **more)
        spring(Death.DONE)

    async def handle(*given: Any, **more: Any) -> bool:
        spring(Death.KEPT)
        return await handle_sms(*given, **more)

    with (
        mock.patch.object(take, "carry_out", carry),
        mock.patch.object(api.sms, "handle_sms", handle),
    ):
        yield
