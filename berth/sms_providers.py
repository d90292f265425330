"""The SMS providers whose messages the settings let in."""

from berth.settings import Settings
from parking.merchants.sms.inbound import SmsProvider


def make_sms_providers(settings: Settings) -> list[SmsProvider]:
    """Twilio, where its auth token is set, by which its webhooks are signed."""
    if settings.twilio_auth_token is None:
        return []
    # The library takes long to load: only where it is used.
    from parking.merchants.sms.twilio_inbound import TwilioInbound

    return [TwilioInbound(settings.twilio_auth_token)]
