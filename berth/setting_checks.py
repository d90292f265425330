"""What settings must keep to together."""

from typing import TYPE_CHECKING

from parking.errors import BerthError

if TYPE_CHECKING:
    from berth.settings import Settings

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class SettingInvalid(BerthError):
    """A setting's value is not one that it can have, or settings contradict each other."""

    code = "SETTING_INVALID"


def check_together(settings: "Settings") -> None:
    """Raises `SettingInvalid` with one sentence."""
    if settings.unsecured_devices and not is_loopback(settings.coap_host):
        raise SettingInvalid(
            f"BERTH_UNSECURED_DEVICES is on while BERTH_COAP_HOST is {settings.coap_host}; "
            "unsecured devices are accepted on loopback (127.0.0.1) only"
        )
    twilio = (settings.twilio_account_sid, settings.twilio_auth_token, settings.twilio_sender)
    if any(twilio) and not all(twilio):
        raise SettingInvalid(
            "BERTH_TWILIO_ACCOUNT_SID, BERTH_TWILIO_AUTH_TOKEN and BERTH_TWILIO_SENDER belong "
            "together; set all three or none"
        )
    if (settings.photos_key_id is None) != (settings.photos_secret is None):
        raise SettingInvalid(
            "BERTH_PHOTOS_KEY_ID and BERTH_PHOTOS_SECRET belong together; set both or neither"
        )
    if (settings.wechat_app_id is None) != (settings.wechat_secret is None):
        raise SettingInvalid(
            "BERTH_WECHAT_APP_ID and BERTH_WECHAT_SECRET belong together; set both or neither"
        )
    if settings.database_url is not None and settings.secret_key is None:
        raise SettingInvalid(
            "BERTH_SECRET_KEY is not set; with BERTH_DATABASE_URL it is required, the same for "
            "every process. Make one with: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens on `host`."""
    return host in LOOPBACK_NAMES or host.startswith("127.")
