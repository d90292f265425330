"""What can be set: by `BERTH_*` environment variables, and by flags, which win.

Each setting is one field of `Settings`; the table `SETTINGS` made from them gives `--help` and
`docs/settings.md`, so neither can differ from what the program reads.
"""

import os
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from api.graphql import limits
from berth import setting_kinds as kinds
from berth.addresses import reachable
from berth.setting_checks import SettingInvalid, check_together
from berth.setting_kinds import Kind
from parking.locations import limits as locations
from parking.merchants.limits import PERSONAL_KEPT_DAYS
from parking.reservations import limits as booking
from parking.settlement import limits as money

PREFIX = "BERTH_"
DATABASE_FILE = "berth.db"


def default_data_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Where a program of this user keeps data (XDG Base Directory Specification)."""
    base = environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "berth"


def _setting(kind: Kind, default: Any, about: str, told: str = "", *, secret: bool = False) -> Any:
    """A field of `Settings`. `told` describes a default that is not a plain value."""
    metadata = {"kind": kind, "about": about, "told": told, "secret": secret}
    if callable(default):
        return field(default_factory=default, metadata=metadata, repr=not secret)
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set; `read_settings` makes it. Values are checked one by one and
    together, so whoever holds a `Settings` need not check again."""

    host: str = _setting(kinds.HOST, "127.0.0.1", "Address on which the API listens (TCP).")
    port: int = _setting(kinds.PORT, 8000, "Port on which the API listens (TCP).")
    coap_host: str = _setting(
        kinds.HOST, "127.0.0.1", "Address on which the device gateway listens (UDP)."
    )
    coap_port: int = _setting(kinds.PORT, 5683, "Port on which the device gateway listens (UDP).")
    database_url: str | None = _setting(
        kinds.DATABASE,
        None,
        "Database: PostgreSQL, or a SQLite file elsewhere than in the data directory.",
        "embedded, a SQLite file in the data directory",
        secret=True,
    )
    redis_url: str | None = _setting(
        kinds.REDIS,
        None,
        "Redis that carries live changes between processes. Without it an API process finds "
        "other processes' changes by reading the database twice a second.",
        "none",
        secret=True,
    )
    data_dir: Path = _setting(  # noqa: RUF009 - it is `field` with our metadata
        kinds.DIRECTORY,
        default_data_dir,
        "Directory for the embedded database and the generated secret key.",
        "~/.local/share/berth",
    )
    secret_key: str | None = _setting(
        kinds.SECRET,
        None,
        "Secret from which all keys are derived; it also seals the devices' secrets, so keep it "
        "with the database's backups. Required with BERTH_DATABASE_URL.",
        "generated, kept in the data directory",
        secret=True,
    )
    former_secret_keys: tuple[str, ...] = _setting(
        kinds.SECRETS,
        (),
        "Secret keys used before; what was signed under them stays good until it expires.",
        "none",
        secret=True,
    )
    development: bool | None = _setting(
        kinds.TRUTH,
        None,
        "Introspection, GraphiQL and the inbox page that shows sign-in codes to anybody.",
        "on for an embedded `berth up` on loopback, else off",
    )
    public_url: str | None = _setting(
        kinds.ORIGIN, None, "How browsers reach the API.", "http://HOST:PORT"
    )
    allowed_origins: tuple[str, ...] = _setting(
        kinds.ORIGINS, (), "Other web origins whose pages may call the API (CORS).", "none"
    )
    trusted_proxies: tuple[str, ...] = _setting(
        kinds.NETWORKS,
        (),
        "Reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.",
        "none",
    )
    smtp_url: str | None = _setting(
        kinds.SMTP,
        None,
        "Mail server that sends sign-in codes: `smtp` is STARTTLS, `smtps` TLS, `smtp+plain` "
        "neither. The path is the sender's address.",
        "none, and codes are written to the log",
        secret=True,
    )
    twilio_account_sid: str | None = _setting(
        kinds.TWILIO_SID,
        None,
        "Twilio account that sends and takes SMS (docs/notices.md).",
        "none; in development SMS go to log and inbox, else they are dead letters",
    )
    twilio_auth_token: str | None = _setting(
        kinds.SECRET, None, "Auth token of the Twilio account.", "none", secret=True
    )
    twilio_sender: str | None = _setting(
        kinds.TWILIO_SENDER, None, "Number or messaging service that SMS come from.", "none"
    )
    twilio_api_base: str = _setting(
        kinds.ORIGIN, "https://api.twilio.com", "Where Twilio's API answers; for stand-ins."
    )
    wechat_app_id: str | None = _setting(
        kinds.WECHAT_APP,
        None,
        "WeChat mini program that sends subscribe messages (docs/notices.md) and signs people in"
        " (docs/locations.md).",
        "none",
    )
    wechat_secret: str | None = _setting(
        kinds.SECRET, None, "AppSecret of the WeChat mini program.", "none", secret=True
    )
    wechat_templates: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = _setting(
        kinds.WECHAT_TEMPLATES,
        (),
        "Which of the mini program's templates tells which topic, and what its fields show.",
        "none",
    )
    wechat_api_base: str = _setting(
        kinds.ORIGIN, "https://api.weixin.qq.com", "Where WeChat's API answers; for stand-ins."
    )
    photos_url: str | None = _setting(
        kinds.PHOTOS,
        None,
        "Where photos of parked cars are kept: a directory, or an S3-compatible bucket.",
        "`photos` in the data directory; with BERTH_DATABASE_URL none, and photos are refused",
    )
    photos_key_id: str | None = _setting(
        kinds.TEXT,
        None,
        "Access key id for the bucket.",
        "none, and the machine's own role is used",
    )
    photos_secret: str | None = _setting(
        kinds.TEXT, None, "Secret access key for the bucket.", "none", secret=True
    )
    map_service_url: str | None = _setting(
        kinds.HTTP,
        None,
        "Map service that says where in a place a phone's coordinates lie (docs/locations.md).",
        "none, and the places' own plans say it",
    )
    map_service_key: str | None = _setting(
        kinds.TEXT, None, "Bearer token for the map service.", "none", secret=True
    )
    position_days: int = _setting(
        kinds.DAYS,
        locations.POSITION_DAYS,
        "How long a shared position is kept after the car has gone, with its photos, links and "
        "logs.",
    )
    oidc_issuers: tuple[tuple[str, str, str], ...] = _setting(
        kinds.ISSUERS,
        (),
        "OpenID Connect issuers whose tokens are accepted.",
        "none",
    )
    stripe_key: str | None = _setting(
        kinds.SECRET,
        None,
        "Secret key of the Stripe account that takes and sends money (docs/payments.md).",
        "none, and people pay from wallets only",
        secret=True,
    )
    stripe_webhook_secret: str | None = _setting(
        kinds.SECRET,
        None,
        "Secret that Stripe signs its webhooks to /webhooks/stripe with.",
        "none, and webhooks are refused",
        secret=True,
    )
    stripe_api_base: str = _setting(
        kinds.ORIGIN, "https://api.stripe.com", "Where Stripe's API answers; for stand-ins."
    )
    metrics_token: str | None = _setting(
        kinds.SECRET,
        None,
        "Bearer token for /metrics.",
        "none, and only callers on this machine get them",
        secret=True,
    )
    probe_port: int | None = _setting(
        kinds.PORT,
        None,
        "Port on which a process without API answers /healthz, /readyz and /metrics (TCP).",
        "none",
    )
    log_level: str = _setting(kinds.LEVEL, "info", "How much is logged to standard error.")
    unsecured_devices: bool = _setting(
        kinds.TRUTH,
        False,
        "Accept devices that were provisioned as unsecured. For trying CoAP clients only; "
        "refused unless the gateway listens on loopback.",
    )
    sockets_per_source_max: int = _setting(
        kinds.COUNT,
        limits.SOCKETS_PER_SOURCE_MAX,
        "WebSockets and event streams alive from one address at a time.",
    )
    subscriptions_per_viewer_max: int = _setting(
        kinds.COUNT,
        limits.SUBSCRIPTIONS_PER_VIEWER_MAX,
        "Subscriptions alive of one person, or of one address where nobody is signed in.",
    )
    coap_source_rate: int = _setting(
        kinds.COUNT,
        2_000,
        "Requests a second that the gateway takes from one address (many devices may share one).",
    )
    quote_seconds: int = _setting(
        kinds.COUNT, booking.QUOTE_SECONDS, "How long the price of a quote binds."
    )
    hold_seconds: int = _setting(
        kinds.COUNT, booking.HOLD_SECONDS, "How long a space is held while it is being paid for."
    )
    ask_hours: int = _setting(
        kinds.COUNT,
        booking.ASK_HOURS,
        "How long a lessor may think about a request; never past its start.",
    )
    no_show_minutes: int = _setting(
        kinds.COUNT,
        booking.NO_SHOW_MINUTES,
        "How long after its start a booking waits for its driver.",
    )
    offer_seconds: int = _setting(
        kinds.COUNT,
        booking.OFFER_SECONDS,
        "How long a space is held for whoever is next on the waitlist.",
    )
    dispute_days: int = _setting(
        kinds.DAYS,
        money.DISPUTE_DAYS,
        "How long after a settlement its driver or lessor may dispute it.",
    )
    appeal_days: int = _setting(
        kinds.DAYS,
        money.APPEAL_DAYS,
        "How long after the first decision of a dispute either side may appeal; one that was made "
        "keeps its own.",
    )
    card_payout_days: int = _setting(
        kinds.DELAY,
        money.CARD_PAYOUT_DAYS,
        "How many days at least what was paid by card waits before it is paid out, whatever the "
        "organisation's own terms.",
    )
    top_up_minor_max: int = _setting(
        kinds.TOP_UP,
        money.TOP_UP_MINOR_MAX,
        "How much `topUpWallet` takes at once, in minor units (cents) of whatever currency.",
    )
    order_personal_days: int = _setting(
        kinds.DAYS,
        PERSONAL_KEPT_DAYS,
        "How many days after a merchant's order is over its guest's name, phone and plate are "
        "kept.",
    )
    shutdown_seconds: float = _setting(
        kinds.SECONDS, 5.0, "How long requests under way may take to finish at the end."
    )

    def __post_init__(self) -> None:
        check_together(self)

    @property
    def is_embedded(self) -> bool:
        """Whether the database is the SQLite file in the data directory."""
        return self.database_url is None

    @property
    def database(self) -> str:
        """The URL of the database that is used."""
        return self.database_url or f"sqlite://{self.data_dir / DATABASE_FILE}"

    @property
    def booking_limits(self) -> booking.BookingLimits:
        """How long quotes, holds and requests wait."""
        return booking.BookingLimits(
            quote=timedelta(seconds=self.quote_seconds),
            hold=timedelta(seconds=self.hold_seconds),
            ask=timedelta(hours=self.ask_hours),
            no_show=timedelta(minutes=self.no_show_minutes),
            offer=timedelta(seconds=self.offer_seconds),
        )

    @property
    def money_limits(self) -> money.MoneyLimits:
        """How long one may disagree, how long money by card waits, and how much a wallet takes at
        once."""
        return money.MoneyLimits(
            dispute=timedelta(days=self.dispute_days),
            appeal=timedelta(days=self.appeal_days),
            card_payout_days=self.card_payout_days,
            top_up_minor=self.top_up_minor_max,
        )

    @property
    def base_url(self) -> str:
        """How browsers reach the API, without a slash at the end."""
        return self.public_url or f"http://{reachable(self.host)}:{self.port}"


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table of settings."""

    field: str
    kind: Kind
    about: str
    default: str
    is_secret: bool

    @property
    def variable(self) -> str:
        """The environment variable: `BERTH_COAP_PORT`."""
        return PREFIX + self.field.upper()

    @property
    def flag(self) -> str:
        """The command line's flag: `--coap-port`."""
        return "--" + self.field.replace("_", "-")


def _row(spec: "Field[Any]") -> Setting:
    default = "" if spec.default is MISSING else _as_text(spec.default)
    about, told = spec.metadata["about"], spec.metadata["told"]
    return Setting(
        spec.name, spec.metadata["kind"], about, told or default, spec.metadata["secret"]
    )


def _as_text(value: object) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


SETTINGS: tuple[Setting, ...] = tuple(_row(spec) for spec in fields(Settings))


def read_settings(
    environ: Mapping[str, str] = os.environ, flags: Mapping[str, str | None] | None = None
) -> Settings:
    """Settings from the environment and from `flags` (field name to text; None: not given).

    An empty variable counts as not set. Raises `SettingInvalid` with one sentence.
    """
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        flag = (flags or {}).get(setting.field)
        text = environ.get(setting.variable) if flag is None else flag
        if text is not None and text.strip():
            name = setting.variable if flag is None else setting.flag
            values[setting.field] = _parsed(setting, name, text.strip())
    values.setdefault("data_dir", default_data_dir(environ))
    return Settings(**values)


def _parsed(setting: Setting, name: str, text: str) -> Any:
    try:
        return setting.kind.parse(text)
    except ValueError:
        shown = "not usable" if setting.is_secret else repr(text)
        raise SettingInvalid(f"{name} is {shown}; expected {setting.kind.expected}") from None


def unknown_variables(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Variables that begin like ours and are none of ours: probably misspelt."""
    known = {setting.variable for setting in SETTINGS}
    return sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
