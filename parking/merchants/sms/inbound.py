"""The way in for SMS: what a provider hands over, whoever it is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from parking.accounts.addresses import parse_address
from parking.errors import BerthError, InvalidInput
from parking.merchants.sms.results import TEXT_CHARACTERS_MAX

MESSAGE_ID_CHARACTERS_MAX = 100
PARTS_MAX = 10
"""A longer message is no order."""
PART_CHARACTERS_MAX = 160
_PLAIN_NUMBER = re.compile(r"\+[0-9 ()./-]{6,30}")
REFERENCE_MAX = 0xFFFF
"""3GPP TS 23.040 sections 9.2.3.24.1 and 9.2.3.24.8: references have 8 or 16 bits."""


class SmsForged(BerthError):
    """The message does not carry its provider's signature."""

    code = "SMS_FORGED"


class SmsUnusable(BerthError):
    """The message lacks what a message has, or has it in a form that cannot be read."""

    code = "SMS_UNUSABLE"


@dataclass(frozen=True, slots=True)
class Part:
    """Which piece of a long message this is: `number` counts from 1 (TS 23.040, UDH)."""

    reference: int
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class InboundSms:
    """One message that came in, or one `part` of a long one. `message_id` is the provider's own;
    the numbers are E.164; a recipient may be a short code."""

    provider: str
    message_id: str
    sender: str
    recipient: str
    text: str
    part: Part | None = None


class SmsProvider(Protocol):
    """Reads what a provider posts to us."""

    name: str

    def read(self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> InboundSms:
        """The message. `url` is what the provider called, as it knows it; names of headers are in
        lower case. Raises SmsForged and SmsUnusable.
        """
        ...


def checked_sms(sms: InboundSms) -> InboundSms:
    """The message with sound fields: numbers in E.164, no control characters in the text, which
    databases refuse. Raises SmsUnusable."""
    if (
        not 1 <= len(sms.message_id) <= MESSAGE_ID_CHARACTERS_MAX
        or not sms.message_id.isprintable()
    ):
        raise SmsUnusable("the message has no usable id")
    if len(sms.text) > TEXT_CHARACTERS_MAX:
        raise SmsUnusable(f"the text is longer than {TEXT_CHARACTERS_MAX} characters")
    if sms.part is not None:
        _check_part(sms.part, sms.text)
    return InboundSms(
        sms.provider,
        sms.message_id,
        _number(sms.sender),
        sms.recipient.strip()[:20],
        "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in sms.text),
        sms.part,
    )


def _number(text: str) -> str:
    # The library would find a number in `whatsapp:+49…`, which is another channel's address.
    if not _PLAIN_NUMBER.fullmatch(text.strip()):
        raise SmsUnusable("the sender is no phone number")
    try:
        address = parse_address(text, "sender")
    except InvalidInput as error:
        raise SmsUnusable("the sender is no phone number") from error
    return address.value


def _check_part(part: Part, text: str) -> None:
    is_sound = (
        0 <= part.reference <= REFERENCE_MAX
        and 1 <= part.number <= part.total
        and part.total <= PARTS_MAX
        and len(text) <= PART_CHARACTERS_MAX
    )
    if not is_sound:
        raise SmsUnusable(f"part {part.number} of {part.total} is no part of a message")
