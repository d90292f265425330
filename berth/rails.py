"""The payment rails that the settings ask for."""

import hashlib

from berth.settings import Settings
from parking.settlement.payments.wallet import WalletRail
from parking.settlement.rails.port import WALLET, Rail

INSTALLATION_CHARACTERS = 12


def make_rails(settings: Settings, secret: str) -> dict[str, Rail]:
    """The wallet, and Stripe where its key is set. Nothing is asked yet."""
    rails: dict[str, Rail] = {WALLET: WalletRail()}
    if settings.stripe_key is not None:
        # Takes most of a second to load, which nobody should wait for who does not use it.
        from berth.stripe_rail import StripeRail

        rails["stripe"] = StripeRail(
            settings.stripe_key,
            settings.stripe_webhook_secret,
            installation_of(secret),
            api_base=settings.stripe_api_base,
        )
    return rails


async def close_rails(rails: dict[str, Rail]) -> None:
    """Close their connections."""
    for rail in rails.values():
        await rail.close()


def installation_of(secret: str) -> str:
    """A name for this installation that tells nothing of its secret key."""
    digest = hashlib.sha256(f"berth installation\n{secret}".encode()).hexdigest()
    return f"berth-{digest[:INSTALLATION_CHARACTERS]}"
