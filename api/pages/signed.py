"""Who it is in whose name a page's script asks, with an access token."""

from starlette.requests import Request

from api.pages.asking import Bearers
from parking.errors import Unauthenticated
from schema.context import Asker
from schema.execution import Unauthenticated as BadCredentials


async def sent_by(bearers: Bearers, request: Request) -> Asker:
    """Who sends it. Raises Unauthenticated where that is nobody, or the token is not good."""
    try:
        asker = await bearers.asker_of(request)
    except BadCredentials as error:
        raise Unauthenticated(str(error)) from error
    if asker is None:
        raise Unauthenticated("sign in first; a browser without scripts cannot do this here")
    return asker


async def who_asks(bearers: Bearers, request: Request) -> Asker | None:
    """The same for what needs no sign-in: None for nobody, and for a token that is not good."""
    try:
        return await bearers.asker_of(request)
    except BadCredentials:
        return None
