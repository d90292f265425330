"""A gateway in a process of its own, to be killed."""

import asyncio
import sys

from coap_gateway.gateway import start_gateway
from parking.clock import SystemClock
from parking.events.bus import InProcessBus
from parking.storage.database import connect
from tests.coap_gateway.rig import FAST, SECRET_KEY


async def main(url: str) -> None:
    """Serve until killed; prints the port."""
    await connect(url)
    gateway = await start_gateway(
        clock=SystemClock(), bus=InProcessBus(), secret_key=SECRET_KEY, port=0, limits=FAST
    )
    sys.stdout.write(f"{gateway.port}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
