"""Texts come in where the settings name the provider's secret."""

from pathlib import Path

import httpx
from twilio.request_validator import RequestValidator

from berth.parts import Part
from berth.settings import Settings
from berth.wiring import build
from tests.support.running import SECRET

PUBLIC, TOKEN = "https://park.example", "token"
FORM = {"MessageSid": "SM1", "From": "+491701234567", "To": "+4930123456", "Body": "?"}


async def test_twilio_is_heard_by_the_public_address(sqlite_url: str, tmp_path: Path) -> None:
    settings = Settings(
        database_url=sqlite_url, secret_key=SECRET, data_dir=tmp_path, host="127.0.0.1", port=0,
        shutdown_seconds=1.0, public_url=PUBLIC, twilio_account_sid="AC" + "0" * 32,
        twilio_auth_token=TOKEN, twilio_sender="+4930123456", development=True,
    )  # fmt: skip
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/sms/twilio", FORM)
    headers = {"X-Twilio-Signature": signature}
    async with build(settings, {Part.API, Part.WORKER}) as program:
        assert program.api is not None
        base = f"http://127.0.0.1:{program.api.port}"
        async with httpx.AsyncClient(base_url=base) as client:
            assert (await client.post("/sms/twilio", data=FORM, headers=headers)).is_success
            assert (await client.post("/sms/twilio", data=FORM)).status_code == 403
            assert (await client.get("/dev/sms")).is_success
            metrics = (await client.get("/metrics")).text
    assert 'berth_sms_received_total{kind="stranger"} 1' in metrics
    assert 'berth_sms_received_total{kind="forged"} 1' in metrics


async def test_without_a_provider_nothing_is_heard(sqlite_url: str, tmp_path: Path) -> None:
    settings = Settings(
        database_url=sqlite_url, secret_key=SECRET, data_dir=tmp_path, host="127.0.0.1", port=0,
        shutdown_seconds=1.0,
    )  # fmt: skip
    async with build(settings, {Part.API}) as program:
        assert program.api is not None
        base = f"http://127.0.0.1:{program.api.port}"
        async with httpx.AsyncClient(base_url=base) as client:
            for path in ("/sms/twilio", "/dev/sms"):
                assert (await client.post(path, data=FORM)).status_code == 404
