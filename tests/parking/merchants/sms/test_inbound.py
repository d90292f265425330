"""What no message has is refused before it is kept."""

from dataclasses import replace

import pytest

from parking.merchants.sms.inbound import PARTS_MAX, InboundSms, Part, SmsUnusable, checked_sms
from tests.parking.merchants.sms.memory import MERCHANT

SMS = InboundSms("twilio", "SM1", MERCHANT, "+10000000000", "order 1 today 19:30")


@pytest.mark.parametrize(
    "change",
    [
        {"message_id": ""},
        {"message_id": "x" * 101},
        {"message_id": "a\nb"},
        {"sender": "whatsapp:+491701234567"},
        {"sender": "12345"},
        {"sender": "a@example.com"},
        {"text": "x" * 2001},
        {"part": Part(1, 0, 2)},
        {"part": Part(1, 3, 2)},
        {"part": Part(-1, 1, 2)},
        {"part": Part(1, 1, PARTS_MAX + 1)},
        {"part": Part(1, 1, 2), "text": "x" * 161},
    ],
)
def test_what_no_message_has_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(SmsUnusable):
        checked_sms(replace(SMS, **change))  # type: ignore[arg-type]


def test_numbers_and_texts_are_made_sound() -> None:
    sms = checked_sms(replace(SMS, sender=" +49 30 123456 ", text="a\0b\n李\u200b"))
    assert (sms.sender, sms.text) == (MERCHANT, "a b\n李 ")
