"""Twilio's incoming messages: its form and its signature, checked by its official helper.

Twilio joins long messages itself and repeats none on its own; its `MessageSid` names a message.
"""

from collections.abc import Mapping

from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from parking.merchants.sms.inbound import InboundSms, SmsForged, SmsUnusable, checked_sms

NAME = "twilio"
_NEEDED = ("MessageSid", "From", "To", "Body")


class TwilioInbound:
    """A `SmsProvider`. `token` is the account's auth token, which signs every webhook."""

    name = NAME

    def __init__(self, token: str) -> None:
        self._validator = RequestValidator(token)

    def read(self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> InboundSms:
        """The message of a form that Twilio signed. Raises SmsForged and SmsUnusable."""
        signature = headers.get(SIGNATURE_HEADER.lower(), "")
        algorithm = get_signature_algorithm(headers.get(SIGNATURE_SETTINGS_HEADER.lower(), ""))
        is_signed = self._validator.validate(url, dict(fields), signature, algorithm)
        if not signature or not is_signed:
            raise SmsForged("the X-Twilio-Signature does not fit the URL and the form")
        missing = [name for name in _NEEDED if name not in fields]
        if missing:
            raise SmsUnusable(f"the form lacks {', '.join(missing)}")
        return checked_sms(
            InboundSms(NAME, fields["MessageSid"], fields["From"], fields["To"], fields["Body"])
        )
