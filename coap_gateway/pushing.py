"""Bringing commands to locks that can be reached now: by Observe, or by a request of our own."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import orjson
from tortoise.exceptions import OperationalError

from coap_gateway.command_format import LEVELS, encode_command
from coap_gateway.commands import COMMAND_PATH
from coap_gateway.senml import SENML_CBOR
from coap_gateway.stack import Ask, Code, ContentFormat, Reply, Server, StackError
from parking.access.command_rows import COMMANDS_TOPIC, CommandRecord
from parking.access.hand_out import hand_out
from parking.access.models import CommandState
from parking.access.replies import Waiting, accept_command, refuse_command, waiting_locks
from parking.devices.registration import registered_objects
from parking.storage.transactions import detached

if TYPE_CHECKING:
    from parking.clock import Clock
    from parking.events.bus import Bus, Message

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How late a command leaves of which the bus did not tell, or whose lock was heard just now."""

ACTUATOR = 3413
LOCK_OBJECT = 10359
"""A bought-in lock: it is executed, 1 to lock and 0 to unlock."""

REFUSED = {Code.PRECONDITION_FAILED: "moved", Code.CONFLICT: "", Code.FORBIDDEN: ""}
"""Answers by which a lock refuses; where the word is empty it is the diagnostic text."""


class Pusher:
    """Finds queued commands of locks whose contexts this gateway holds, and brings them there.

    A lock that observes `/cmd` is notified. One that is awake is asked itself (`PUT /3413/0/3`),
    and has to be given an Echo, so that no recorded command opens it later. One that sleeps asks.
    """

    def __init__(self, server: Server, gateway: str, clock: Clock, bus: Bus) -> None:
        self._server = server
        self._gateway = gateway
        self._clock = clock
        self._bus = bus
        self._pushes: dict[int, asyncio.Task[None]] = {}
        self._asking: set[int] = set()
        self._tasks = [
            detached(self._listen(), "gateway commands"),
            detached(self._look(), "gateway command look"),
        ]

    async def close(self) -> None:
        """Stop; a command under way stays DELIVERED, and its lock may ask for it again."""
        tasks = [*self._tasks, *self._pushes.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def push_waiting(self, device_id: int = 0) -> None:
        """Bring what is queued to whom it can be brought now: of one device, or of all."""
        for each in await waiting_locks(self._gateway, self._clock.now(), device_id):
            if self._server.observed(COMMAND_PATH, each.credential_id):
                self._server.changed(COMMAND_PATH, each.credential_id)
            elif not each.is_sleepy and self._server.can_ask(each.credential_id):
                self._start(each)

    def _start(self, lock: Waiting) -> None:
        """A newer command does not wait for the answer to the one it supersedes."""
        earlier = self._pushes.get(lock.device_id)
        if earlier is not None and lock.device_id not in self._asking:
            return  # it has still to fetch its command, and will fetch the newest
        if earlier is not None:
            earlier.cancel()
            self._asking.discard(lock.device_id)
        task = detached(self._push(lock), f"command to device {lock.device_id}")
        self._pushes[lock.device_id] = task
        task.add_done_callback(lambda done: self._forget(lock.device_id, done))

    def _forget(self, device_id: int, task: asyncio.Task[None]) -> None:
        if self._pushes.get(device_id) is task:
            del self._pushes[device_id]
            self._asking.discard(device_id)

    async def _push(self, lock: Waiting) -> None:
        try:
            command = await hand_out(lock.device_id, self._clock, self._bus)
            if command is None or command.state is not CommandState.DELIVERED:
                return
            self._asking.add(lock.device_id)
            reply = await self._server.ask(lock.credential_id, _ask(command, lock))
            await self._answered(command, reply)
        except StackError as error:
            # It stays DELIVERED: the lock may still ask for it, or it fails for want of an answer.
            log.info("no answer to the command for device %d: %s", lock.device_id, error)
        except OperationalError as error:
            log.warning("a command for device %d waits: %s", lock.device_id, error)
        except Exception:
            log.exception("pushing a command to device %d failed", lock.device_id)

    async def _answered(self, command: CommandRecord, reply: Reply) -> None:
        if reply.is_success:
            await accept_command(command, self._clock, self._bus)
            return
        word = REFUSED.get(Code(reply.code)) if reply.code in set(Code) else None
        if word is not None:
            said = word or reply.payload.decode(errors="replace")
            await refuse_command(command, said, self._clock, self._bus)

    async def _listen(self) -> None:
        async with self._bus.subscribe(COMMANDS_TOPIC) as messages:
            async for message in messages:
                try:
                    await self._hear(message)
                except Exception:
                    log.exception("a command waits for the next look")

    async def _hear(self, message: Message) -> None:
        if message.body is None:
            await self.push_waiting()
            return
        said = orjson.loads(message.body)
        if said["state"] == CommandState.QUEUED:
            await self.push_waiting(said["device_id"])

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.push_waiting()
            except Exception as error:  # noqa: BLE001 - the next look may succeed
                log.warning("looking for commands failed: %s", error)


def _ask(command: CommandRecord, lock: Waiting) -> Ask:
    """The request for this lock: of object 3413, or of 10359 where it registered only that."""
    objects = registered_objects(lock.objects)
    if LOCK_OBJECT in objects and ACTUATOR not in objects:
        argument = b"1" if LEVELS[command.target] else b"0"
        path = (str(LOCK_OBJECT), "0", "100")
        return Ask(Code.POST, path, argument, content_format=ContentFormat.TEXT)
    path = (str(ACTUATOR), "0", "3")
    return Ask(Code.PUT, path, encode_command(command), content_format=SENML_CBOR)
