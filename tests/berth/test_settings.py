"""Settings: from environment and flags, with one clear sentence for what is wrong."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from berth.addresses import without_password
from berth.commands.settings import as_markdown
from berth.setting_checks import SettingInvalid
from berth.settings import SETTINGS, read_settings, unknown_variables
from parking.settlement.limits import DEFAULTS as MONEY_DEFAULTS

LONG = "x" * 40
ROOT = Path(__file__).parent.parent.parent


def test_without_anything_it_is_embedded_and_on_loopback() -> None:
    settings = read_settings({"XDG_DATA_HOME": "/srv/data"})
    assert settings.is_embedded
    assert (settings.host, settings.coap_host) == ("127.0.0.1", "127.0.0.1")
    assert settings.data_dir == Path("/srv/data/berth")
    assert settings.database == "sqlite:///srv/data/berth/berth.db"


def test_a_flag_wins_over_its_variable() -> None:
    settings = read_settings({"BERTH_PORT": "9000"}, {"port": "9001", "host": None})
    assert settings.port == 9001


def test_an_empty_variable_counts_as_not_set() -> None:
    assert read_settings({"BERTH_PORT": " "}).port == 8000


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("BERTH_PORT", "0", 0),
        ("BERTH_HOST", "::1", "::1"),
        ("BERTH_HOST", "parking.example", "parking.example"),
        ("BERTH_DEVELOPMENT", "ON", True),
        ("BERTH_DEVELOPMENT", "no", False),
        ("BERTH_PUBLIC_URL", "https://Parking.example/", "https://parking.example"),
        ("BERTH_ALLOWED_ORIGINS", "https://a.example, http://b.example:81",
         ("https://a.example", "http://b.example:81")),
        ("BERTH_TRUSTED_PROXIES", "10.0.0.0/8,::1", ("10.0.0.0/8", "::1/128")),
        ("BERTH_LOG_LEVEL", "DEBUG", "debug"),
        ("BERTH_PHOTOS_URL", "file:///srv/photos", "file:///srv/photos"),
        ("BERTH_PHOTOS_URL", "s3://cars/berth?region=eu-central-1&endpoint=https://s3.example",
         "s3://cars/berth?region=eu-central-1&endpoint=https://s3.example"),
        ("BERTH_SOCKETS_PER_SOURCE_MAX", "5000", 5000),
        ("BERTH_REDIS_URL", "unix:///run/redis.sock", "unix:///run/redis.sock"),
        ("BERTH_SHUTDOWN_SECONDS", "0.5", 0.5),
        ("BERTH_OIDC_ISSUERS", "https://a.example https://a.example/jwks berth",
         (("https://a.example", "https://a.example/jwks", "berth"),)),
        ("BERTH_SMTP_URL", "smtps://mail.example/me@example.com",
         "smtps://mail.example/me@example.com"),
    ],
)  # fmt: skip
def test_a_value_is_read(variable: str, text: str, value: Any) -> None:
    settings = read_settings({variable: text})
    assert getattr(settings, variable.removeprefix("BERTH_").lower()) == value


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("BERTH_PORT", "80a", "a port number from 0"),
        ("BERTH_PORT", "65536", "to 65535"),
        ("BERTH_COAP_PORT", "-1", "a port number"),
        ("BERTH_HOST", "http://x", "an IP address or a host name"),
        ("BERTH_HOST", "127.0.0", "an IP address or a host name"),
        ("BERTH_DEVELOPMENT", "maybe", "one of 1, true"),
        ("BERTH_PUBLIC_URL", "https://a.example/path", "a URL without a path"),
        ("BERTH_ALLOWED_ORIGINS", "*", "URLs without paths"),
        ("BERTH_TRUSTED_PROXIES", "proxy", "IP addresses or networks"),
        ("BERTH_LOG_LEVEL", "loud", "debug, info, warning, error"),
        ("BERTH_PHOTOS_URL", "photos", "s3://bucket/prefix"),
        ("BERTH_PHOTOS_URL", "s3:///berth", "s3://bucket/prefix"),
        ("BERTH_PHOTOS_URL", "s3://cars?zone=1", "s3://bucket/prefix"),
        ("BERTH_PHOTOS_URL", "s3://key:secret@cars", "s3://bucket/prefix"),
        ("BERTH_PHOTOS_URL", "s3://cars?endpoint=ftp://s3.example", "s3://bucket/prefix"),
        ("BERTH_COAP_SOURCE_RATE", "0", "a whole number from 1"),
        ("BERTH_SHUTDOWN_SECONDS", "soon", "a number of seconds"),
        ("BERTH_OIDC_ISSUERS", "https://a.example", "separated by spaces"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(
    variable: str, text: str, expected: str
) -> None:
    with pytest.raises(SettingInvalid) as caught:
        read_settings({variable: text})
    assert caught.value.message.startswith(f"{variable} is {text!r}; expected ")
    assert expected in caught.value.message


def test_a_wrong_flag_is_named_as_the_flag() -> None:
    with pytest.raises(SettingInvalid, match="^--coap-port is 'x'; expected a port"):
        read_settings({}, {"coap_port": "x"})


@pytest.mark.parametrize(
    "variable",
    ["BERTH_DATABASE_URL", "BERTH_SECRET_KEY", "BERTH_REDIS_URL", "BERTH_SMTP_URL"],
)
def test_what_may_hold_a_password_is_never_repeated(variable: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        read_settings({variable: "ftp://me:hush"})
    assert "hush" not in caught.value.message


def test_a_database_needs_a_secret_key() -> None:
    with pytest.raises(SettingInvalid, match="BERTH_SECRET_KEY is not set") as caught:
        read_settings({"BERTH_DATABASE_URL": "postgres://db/berth"})
    assert "token_urlsafe" in caught.value.message
    given = {"BERTH_DATABASE_URL": "postgres://db/berth", "BERTH_SECRET_KEY": LONG}
    assert read_settings(given).database == "postgres://db/berth"


@pytest.mark.parametrize(("host", "is_fine"), [("127.0.0.1", True), ("0.0.0.0", False)])
def test_unsecured_devices_are_for_loopback_only(host: str, is_fine: bool) -> None:
    given = {"BERTH_UNSECURED_DEVICES": "1", "BERTH_COAP_HOST": host}
    if is_fine:
        assert read_settings(given).unsecured_devices
        return
    with pytest.raises(SettingInvalid, match="on loopback"):
        read_settings(given)


def test_settings_show_no_secret() -> None:
    settings = read_settings(
        {"BERTH_DATABASE_URL": "postgres://me:hush@db/berth", "BERTH_SECRET_KEY": LONG}
    )
    assert "hush" not in repr(settings)
    assert LONG not in repr(settings)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgres://me:hush@db:5432/berth", "postgres://me:…@db:5432/berth"),
        ("postgres:///berth?host=/run/pg", "postgres:///berth?host=/run/pg"),
        ("redis://:hush@redis:6379/0", "redis://:…@redis:6379/0"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown


def test_a_misspelt_variable_is_found() -> None:
    assert unknown_variables({"BERTH_PROT": "1", "BERTH_PORT": "1", "HOME": "/"}) == ["BERTH_PROT"]


def test_every_setting_says_what_it_does() -> None:
    for setting in SETTINGS:
        assert setting.about.endswith("."), setting.field
        assert setting.default, setting.field


def test_the_documentation_is_the_table_that_the_program_reads() -> None:
    """Make it anew with: berth settings --markdown > docs/settings.md"""
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert text == as_markdown() + "\n"


def test_how_long_one_may_disagree_and_what_a_wallet_takes_is_set() -> None:
    given = {"BERTH_DISPUTE_DAYS": "14", "BERTH_APPEAL_DAYS": "7", "BERTH_TOP_UP_MINOR_MAX": "5000"}
    limits = read_settings(given | {"BERTH_CARD_PAYOUT_DAYS": "0"}).money_limits
    assert (limits.dispute.days, limits.appeal.days, limits.top_up_minor) == (14, 7, 5_000)
    assert limits.card_payout_days == 0
    assert read_settings({}).money_limits == MONEY_DEFAULTS


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("BERTH_DISPUTE_DAYS", "0"),
        ("BERTH_APPEAL_DAYS", "3651"),
        ("BERTH_CARD_PAYOUT_DAYS", "-1"),
        ("BERTH_TOP_UP_MINOR_MAX", "1e3"),
    ],
)
def test_limits_of_money_are_whole_and_bounded(name: str, text: str) -> None:
    with pytest.raises(SettingInvalid, match="a whole number of"):
        read_settings({name: text})


def test_how_long_bookings_wait_is_set() -> None:
    settings = read_settings({"BERTH_HOLD_SECONDS": "60", "BERTH_NO_SHOW_MINUTES": "5"})
    limits = settings.booking_limits
    assert (limits.hold, limits.no_show) == (timedelta(seconds=60), timedelta(minutes=5))
    assert (limits.quote, limits.ask) == (timedelta(minutes=10), timedelta(hours=24))
