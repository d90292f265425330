"""What the value of a setting may be: from the text of an environment variable or a flag."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from parking.accounts.keys import SECRET_CHARACTERS_MIN
from parking.notices.kinds import NoticeTopic
from parking.notices.templates import LOCALE_DEFAULT, template_of
from parking.settlement.limits import TOP_UP_MINOR_MAX

PORT_MAX = 65_535
COUNT_MAX = 10_000_000
DAYS_MAX = 3_650

SMTP_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
"""Schemes of a mail server's URL, each with the port that it has when none is given."""

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_TWILIO_SID = re.compile(r"AC[0-9a-fA-F]{32}")
_TWILIO_SENDER = re.compile(r"\+[1-9]\d{6,14}|MG[0-9a-fA-F]{32}")
_WECHAT_APP = re.compile(r"wx[0-9a-zA-Z]{8,30}")
_WECHAT_TEMPLATE = re.compile(r"([A-Z_]+)=([\w-]{8,64}):((?:\w+=\w+)(?:,\w+=\w+)*)")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Kind:
    """How a text becomes a value. `parse` raises ValueError for what is not `expected`."""

    parse: Callable[[str], Any]
    expected: str
    placeholder: str


def _host(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        if not _HOST.fullmatch(text) or text.replace(".", "").isdigit():
            raise
    return text


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= PORT_MAX:
        raise ValueError(text)
    return port


def _truth(text: str) -> bool:
    word = text.lower()
    if word not in _TRUE | _FALSE:
        raise ValueError(text)
    return word in _TRUE


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in schemes or not (parts.netloc or parts.path):
            raise ValueError(text)
        return text

    return parse


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError(text)
    if parts.path not in ("", "/") or parts.fragment or parts.username:
        raise ValueError(text)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _http(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise ValueError(text)
    if parts.query or parts.fragment:
        raise ValueError(text)
    return text


def _secret(text: str) -> str:
    if len(text) < SECRET_CHARACTERS_MIN:
        raise ValueError(text)
    return text


def _list_of(parse: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    def parse_all(text: str) -> tuple[str, ...]:
        return tuple(parse(part.strip()) for part in text.split(",") if part.strip())

    return parse_all


def _network(text: str) -> str:
    return text if text == "*" else str(ipaddress.ip_network(text, strict=False))


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()


LOG_LEVELS = ("debug", "info", "warning", "error")


def _level(text: str) -> str:
    if text.lower() not in LOG_LEVELS:
        raise ValueError(text)
    return text.lower()


def _smtp(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in SMTP_PORTS or not parts.hostname or "@" not in parts.path:
        raise ValueError(text)
    return text


def _photos(text: str) -> str:
    parts = urlsplit(text)
    has_place = parts.netloc if parts.scheme == "s3" else parts.path.startswith("/")
    said = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    known = {"endpoint", "region"} if parts.scheme == "s3" else set()
    if parts.scheme not in ("s3", "file") or not has_place or not said.keys() <= known:
        raise ValueError(text)
    if parts.username or urlsplit(said.get("endpoint", "https:")).scheme not in ("https", "http"):
        raise ValueError(text)
    return text


def _issuers(text: str) -> tuple[tuple[str, str, str], ...]:
    found = []
    for part in text.split(";"):
        issuer, keys, audience = part.split()
        for url in (issuer, keys):
            if urlsplit(url).scheme not in ("https", "http"):
                raise ValueError(url)
        found.append((issuer, keys, audience))
    return tuple(found)


def _like(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(text)
        return text

    return parse


def _wechat_templates(text: str) -> tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]:
    """Topic, template, and for each of the template's fields the notice's."""
    found = []
    for part in filter(None, (each.strip() for each in text.split(";"))):
        told = _WECHAT_TEMPLATE.fullmatch(part)
        if told is None:
            raise ValueError(part)
        topic, pairs = NoticeTopic(told[1]), [pair.split("=") for pair in told[3].split(",")]
        shown = {ours for _, ours in pairs}
        if not shown <= template_of(topic, LOCALE_DEFAULT).fields:
            raise ValueError(part)
        found.append((topic.value, told[2], tuple((theirs, ours) for theirs, ours in pairs)))
    return tuple(found)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 3600:
        raise ValueError(text)
    return seconds


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= COUNT_MAX:
        raise ValueError(text)
    return count


def _days(text: str) -> int:
    days = int(text)
    if not 1 <= days <= DAYS_MAX:
        raise ValueError(text)
    return days


def _delay(text: str) -> int:
    return 0 if text == "0" else _days(text)


def _top_up(text: str) -> int:
    amount = int(text)
    if not 1 <= amount <= TOP_UP_MINOR_MAX:
        raise ValueError(text)
    return amount


DAYS = Kind(_days, f"a whole number of days from 1 to {DAYS_MAX}", "DAYS")
DELAY = Kind(_delay, f"a whole number of days from 0 to {DAYS_MAX}", "DAYS")
TOP_UP = Kind(_top_up, f"a whole number of minor units from 1 to {TOP_UP_MINOR_MAX}", "MINOR")
COUNT = Kind(_count, f"a whole number from 1 to {COUNT_MAX}", "COUNT")
HOST = Kind(_host, "an IP address or a host name", "ADDRESS")
PORT = Kind(_port, f"a port number from 0 (any free one) to {PORT_MAX}", "PORT")
TRUTH = Kind(_truth, "one of 1, true, yes, on, 0, false, no, off", "on|off")
DATABASE = Kind(
    _url("sqlite", "postgres", "postgresql"),
    "a URL such as postgres://user:password@host:5432/berth or sqlite:///srv/berth.db",
    "URL",
)
REDIS = Kind(
    _url("redis", "rediss", "unix"),
    "a URL such as redis://host:6379/0, rediss://… or unix:///run/redis.sock",
    "URL",
)
SMTP = Kind(
    _smtp,
    "a URL such as smtp://user:password@mail.example.com:587/parking@example.com",
    "URL",
)
PHOTOS = Kind(
    _photos,
    "a URL such as s3://bucket/prefix?region=eu-central-1, with &endpoint=https://host for a "
    "store that is not at AWS, or file:///srv/photos",
    "URL",
)
HTTP = Kind(
    _http, "a URL such as https://maps.example.com/locate, without user, query and fragment", "URL"
)
TWILIO_SID = Kind(_like(_TWILIO_SID), "an account SID: AC and 32 hexadecimal digits", "SID")
TWILIO_SENDER = Kind(
    _like(_TWILIO_SENDER),
    "a number such as +15005550006, or a messaging service: MG and 32 hexadecimal digits",
    "SENDER",
)
WECHAT_APP = Kind(_like(_WECHAT_APP), "an app id such as wx0123456789abcdef", "APP_ID")
WECHAT_TEMPLATES = Kind(
    _wechat_templates,
    "TOPIC=template:field=value,field=value, separated by semicolons, such as "
    "PARKING_BOOKED=zQ3xTemplate:thing1=place,thing2=space,time3=starts (docs/notices.md)",
    "TEMPLATES",
)
ISSUERS = Kind(
    _issuers,
    "for each issuer its URL, the URL of its keys (JWKS) and our audience, separated by spaces; "
    "issuers separated by semicolons",
    "ISSUERS",
)
ORIGIN = Kind(_origin, "a URL without a path, such as https://parking.example.com", "URL")
ORIGINS = Kind(
    _list_of(_origin),
    "URLs without paths, separated by commas, such as https://app.example",
    "URLS",
)
SECRET = Kind(_secret, f"at least {SECRET_CHARACTERS_MIN} characters", "SECRET")
TEXT = Kind(str, "a text", "TEXT")
SECRETS = Kind(
    _list_of(_secret), f"secrets of at least {SECRET_CHARACTERS_MIN} characters each", "SECRETS"
)
DIRECTORY = Kind(_path, "a directory", "DIRECTORY")
LEVEL = Kind(_level, f"one of {', '.join(LOG_LEVELS)}", "|".join(LOG_LEVELS))
NETWORKS = Kind(
    _list_of(_network), "IP addresses or networks, separated by commas, or *", "ADDRESSES"
)
SECONDS = Kind(_seconds, "a number of seconds from 0 to 3600", "SECONDS")
