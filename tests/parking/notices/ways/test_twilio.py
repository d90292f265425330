"""SMS by Twilio's own library, against a server that answers as Twilio documents."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from parking.notices.channel import NoticeNotSent, NoticeRefused
from parking.notices.ways.twilio_sms import TwilioAccount, TwilioWay
from tests.parking.notices.post import PHONE, letter
from tests.support.notice_stand_ins import TWILIO_SID, TWILIO_TOKEN, TwilioStandIn, served

SENDER = "+15005550006"


@pytest.fixture
async def twilio() -> AsyncIterator[TwilioStandIn]:
    async with served(TwilioStandIn) as made:
        yield made


@pytest.fixture
async def sms(twilio: TwilioStandIn) -> AsyncIterator[TwilioWay]:
    way = TwilioWay(TwilioAccount(TWILIO_SID, TWILIO_TOKEN, SENDER, twilio.url))
    yield way
    await way.close()


async def test_an_sms_is_handed_over(twilio: TwilioStandIn, sms: TwilioWay) -> None:
    assert await sms.deliver(letter(body="车位 12")) == f"SM{1:032x}"
    assert twilio.asked[0].form == {"To": PHONE, "From": SENDER, "Body": "车位 12"}


async def test_a_messaging_service_may_send(twilio: TwilioStandIn) -> None:
    service = "MG" + "1" * 32
    way = TwilioWay(TwilioAccount(TWILIO_SID, TWILIO_TOKEN, service, twilio.url))
    await way.deliver(letter())
    await way.close()
    assert twilio.asked[0].form["MessagingServiceSid"] == service
    assert "From" not in twilio.asked[0].form


async def test_a_false_number_is_refused_for_good(sms: TwilioWay) -> None:
    with pytest.raises(NoticeRefused, match="21211"):
        await sms.deliver(letter(recipient="+15005550001"))


@pytest.mark.parametrize("fault", [TwilioStandIn.CUT, 401, 404, 429, 500, 503])
async def test_what_may_pass_is_tried_again(
    twilio: TwilioStandIn, sms: TwilioWay, fault: int
) -> None:
    twilio.faults.append(fault)
    with pytest.raises(NoticeNotSent) as told:
        await sms.deliver(letter())
    assert not isinstance(told.value, NoticeRefused)
    assert told.value.wanted == (timedelta(minutes=1) if fault == 429 else None)
    assert TWILIO_TOKEN not in told.value.message
    assert await sms.deliver(letter())


async def test_a_false_token_is_ours_to_correct(twilio: TwilioStandIn) -> None:
    way = TwilioWay(TwilioAccount(TWILIO_SID, "0" * 32, SENDER, twilio.url))
    with pytest.raises(NoticeNotSent, match="20003") as told:
        await way.deliver(letter())
    await way.close()
    assert not isinstance(told.value, NoticeRefused)


async def test_the_token_is_in_no_text() -> None:
    assert TWILIO_TOKEN not in repr(TwilioAccount(TWILIO_SID, TWILIO_TOKEN, SENDER))
