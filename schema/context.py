"""Who asks and what resolvers work with: the bridge from `schema.execution` to the domain."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from typing import TypeAlias, cast

import strawberry

from parking.accounts.keys import Keys
from parking.accounts.standings import Standings
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.devices.sealing import Sealer
from parking.events.bus import Bus
from parking.notices.channel import Channel
from parking.notices.wechat_login import NoWeChat, WeChatLogin
from parking.reservations.funding import DUE_AT_END, Funding
from parking.reservations.limits import DEFAULTS as BOOKING_DEFAULTS
from parking.reservations.limits import BookingLimits
from parking.settlement.limits import DEFAULTS as MONEY_DEFAULTS
from parking.settlement.limits import MoneyLimits
from parking.settlement.payments.wallet import WalletRail
from parking.settlement.rails.port import WALLET, Rails
from schema.execution import Context, ContextFactory, Transport
from schema.execution import Viewer as ExecutionViewer

WALLET_ONLY: Rails = {WALLET: WalletRail()}


@dataclass(frozen=True, slots=True)
class Services:
    """What the program wires in for resolvers. `may_embed`: wallets may be filled from nowhere,
    and webhooks go to this machine (development). `has_photos`: there is a store for them.
    `base_url`: how people reach the pages, for addresses in notices."""

    clock: Clock
    bus: Bus
    keys: Keys
    channel: Channel
    standings: Standings
    sealer: Sealer
    booking_limits: BookingLimits = BOOKING_DEFAULTS
    money_limits: MoneyLimits = MONEY_DEFAULTS
    funding: Funding = DUE_AT_END
    rails: Rails = field(default_factory=lambda: WALLET_ONLY)
    may_embed: bool = False
    has_photos: bool = False
    base_url: str = "http://localhost"
    wechat: WeChatLogin = field(default_factory=NoWeChat)


@dataclass(frozen=True, slots=True)
class Asker:
    """A domain viewer as the transports know one (`schema.execution.Viewer`)."""

    viewer: Viewer
    source: str = ""
    """The address that the request came from; sign-in counts attempts by it."""

    @property
    def identity(self) -> str | None:
        """Who it is, for limits; None for somebody who is not signed in."""
        return None if self.viewer.is_anonymous else self.viewer.actor

    @property
    def visibility(self) -> str:
        """Equal for viewers to whom every place, device and history reads the same.

        The domain's rules of who may see those look at roles, scopes and `is_system` only.
        """
        return _visibility(self.viewer)

    @property
    def valid_until(self) -> datetime | None:
        """When the proof of identity runs out (aware UTC); None: it does not."""
        return self.viewer.valid_until


def _visibility(viewer: Viewer) -> str:
    if viewer.is_system:
        return "system"
    if not viewer.roles:
        return "public"
    held = [(o, sorted(roles)) for o, roles in sorted(viewer.roles.items())]
    kind = "person" if viewer.api_key_id is None else "key"
    told = repr((kind, held, sorted(viewer.scopes)))
    return blake2b(told.encode(), digest_size=16).hexdigest()


def nobody_in_particular(asker: Asker) -> Asker:
    """Somebody with the same roles and scopes, hence of the same visibility, but no person."""
    return replace(asker, viewer=replace(asker.viewer, person_id=None, sign_in=None))


Info: TypeAlias = strawberry.Info[Context, None]


def context_factory(services: Services) -> ContextFactory:
    """Makes the context of each execution, with empty loaders: nothing read is older than it.

    What a shared execution tells goes to all of one `visibility`, who are different people: it
    runs for none of them, so nothing that is a person's own is in it.
    """

    def make(viewer: ExecutionViewer, transport: Transport) -> Context:
        asker = nobody_in_particular(cast(Asker, viewer)) if transport == "shared" else viewer
        return Context(viewer=asker, transport=transport, services=services)

    return make


def viewer_of(context: Context) -> Viewer:
    """The domain's viewer of this execution."""
    return cast(Asker, context.viewer).viewer


def source_of(context: Context) -> str:
    """The address that the request came from; may be empty."""
    return cast(Asker, context.viewer).source


def services_of(context: Context) -> Services:
    """What the program wired in."""
    return cast(Services, context.services)
