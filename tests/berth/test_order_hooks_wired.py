"""An order system's signed message becomes a booking whose link opens."""

import json
from base64 import b64decode
from pathlib import Path

import httpx

from api.order_hooks import PATH
from berth.parts import Part
from berth.settings import Settings
from berth.wiring import build
from parking.clock import TestClock, rfc3339
from parking.merchants.hooks import create_hook
from parking.notices.webhooks.signing import SECRET_PREFIX, signed_headers
from parking.reservations.links import LINK_PATH, is_lent, reservation_by_token
from tests.support.mall import make_mall
from tests.support.running import SECRET


async def test_an_order_by_hook_is_answered_with_the_bookings_page(
    sqlite_url: str, tmp_path: Path, clock: TestClock
) -> None:
    settings = Settings(
        database_url=sqlite_url, secret_key=SECRET, data_dir=tmp_path, host="127.0.0.1", port=0,
        shutdown_seconds=1.0, public_url="https://park.example",
    )  # fmt: skip
    async with build(settings, {Part.API}, clock=clock) as program:
        assert program.api is not None
        mall, now = await make_mall(clock), clock.now()
        hook = await create_hook(
            mall.merchant, mall.merchant_id, clock=clock, sealer=program.sealer
        )
        order = {"orderRef": "7", "unit": "Tea room", "plate": "S-LI 7"}
        body = json.dumps(order | dict.fromkeys(("updatedAt", "serviceAt"), rfc3339(now))).encode()
        signed = signed_headers("1", now, body, [b64decode(hook.secret[len(SECRET_PREFIX) :])])
        base = f"http://127.0.0.1:{program.api.port}"
        async with httpx.AsyncClient(base_url=base, timeout=60, trust_env=False) as client:
            told = (await client.post(PATH + hook.public_id, content=body, headers=signed)).json()
            link = told["link"].removeprefix("https://park.example")
            assert (told["state"], link[:3]) == ("BOOKED", "/b/")
            assert "SLI7" in (await client.get(link)).text
            token = link.removeprefix(LINK_PATH)
            booked = await reservation_by_token(program.keys.links, token)
            assert is_lent(program.keys.links, token, booked)
            assert (await client.post(PATH + hook.public_id, content=body)).status_code == 401
            assert (await client.post(PATH + "x", content=body)).status_code == 404
            metrics = (await client.get("/metrics")).text
    for kind in ("taken", "unauthenticated", "not_found"):
        assert f'berth_order_hook_received_total{{kind="{kind}"}} 1' in metrics
