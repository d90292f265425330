"""Signing in and out.

These work without a signed-in viewer, who alone has idempotency keys of their own. So the key is
optional where a repeat could do harm (a second message, a used-up code), and the domain keeps it
bound to the address; a refresh token is its own key, and signing out twice is as good as once.
"""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.redeem_code import redeem_code
from parking.accounts.refresh import refresh
from parking.accounts.request_code import request_code
from parking.accounts.sign_ins import SignedIn as SignedInView
from parking.accounts.sign_out import sign_out, sign_out_everywhere
from parking.accounts.texts import LOCALE_DEFAULT
from schema.accounts import Person, person_of
from schema.context import Info, services_of, source_of, viewer_of
from schema.mutations.once import mutation
from schema.refusals import Declined, InvalidInput, NotPermitted, TooManyTries

Address: TypeAlias = Annotated[
    str, strawberry.argument(description="A phone number (E.164) or e-mail address.")
]
Locale: TypeAlias = Annotated[
    str, strawberry.argument(description="Language of messages, such as `en` or `zh-CN`.")
]
SignInKey: TypeAlias = Annotated[
    str | None,
    strawberry.argument(
        description="Made afresh for each intent; a repeat with it does nothing a second time."
    ),
]


@strawberry.type(description="A code is on its way, whether or not the address is known.")
class SignInCodeRequested:
    """`parking.accounts.request_code.CodeSent`."""

    address: str = strawberry.field(description="The address as it was understood.")
    expires_at: datetime = strawberry.field(description="Until when the code works.")


@strawberry.type(description="Somebody is signed in.")
class SignedIn:
    """`parking.accounts.sign_ins.SignedIn`."""

    access_token: str = strawberry.field(description="For the `Authorization: Bearer` header.")
    access_expires_at: datetime = strawberry.field(description="Until when it works.")
    refresh_token: str = strawberry.field(
        description="For `refreshSession`, once: each use gives another."
    )
    refresh_expires_at: datetime = strawberry.field(description="Until when it works.")
    person: Person = strawberry.field(description="Who is signed in.")


@strawberry.type(description="Sign-ins were ended.")
class SignedOut:
    """Outcome of `signOut`."""

    ended: int = strawberry.field(description="How many sign-ins were ended.")


RequestSignInCodeResult: TypeAlias = Annotated[
    SignInCodeRequested | InvalidInput | TooManyTries | Declined,
    strawberry.union("RequestSignInCodeResult", description="What `requestSignInCode` answers."),
]
SignInResult: TypeAlias = Annotated[
    SignedIn | InvalidInput | TooManyTries | Declined,
    strawberry.union("SignInResult", description="What `signIn` answers."),
]
SignOutResult: TypeAlias = Annotated[
    SignedOut | NotPermitted,
    strawberry.union("SignOutResult", description="What `signOut` answers."),
]


def signed_in_of(view: SignedInView) -> SignedIn:
    """The domain's sign-in as the schema's type."""
    return SignedIn(
        access_token=view.access_token,
        access_expires_at=view.access_expires_at,
        refresh_token=view.refresh_token,
        refresh_expires_at=view.refresh_expires_at,
        person=person_of(view.person),
    )


@strawberry.type
class SignInMutations:
    """Root fields."""

    @mutation("Have a one-time code sent to an address.")
    async def request_sign_in_code(
        self,
        info: Info,
        address: Address,
        locale: Locale = LOCALE_DEFAULT,
        idempotency_key: SignInKey = None,
    ) -> RequestSignInCodeResult:
        services, source = services_of(info.context), source_of(info.context)
        sent = await request_code(
            address,
            source,
            clock=services.clock,
            keys=services.keys,
            channel=services.channel,
            locale=locale,
            idempotency_key=idempotency_key,
        )
        return SignInCodeRequested(address=sent.address, expires_at=sent.expires_at)

    @mutation("Sign in with the code; who is new is welcome. Declined: CODE_REJECTED.")
    async def sign_in(
        self,
        info: Info,
        address: Address,
        code: Annotated[str, strawberry.argument(description="The code that was sent.")],
        locale: Locale = LOCALE_DEFAULT,
        idempotency_key: SignInKey = None,
    ) -> SignInResult:
        services, source = services_of(info.context), source_of(info.context)
        view = await redeem_code(
            address,
            code,
            source,
            clock=services.clock,
            keys=services.keys,
            locale=locale,
            idempotency_key=idempotency_key,
        )
        return signed_in_of(view)

    @mutation(
        "Get new tokens for a refresh token, which is thereby used up. One that is not good gives"
        " the error UNAUTHENTICATED: sign in again."
    )
    async def refresh_session(
        self,
        info: Info,
        refresh_token: Annotated[
            str, strawberry.argument(description="The newest refresh token of the sign-in.")
        ],
    ) -> SignedIn:
        services = services_of(info.context)
        view = await refresh(
            refresh_token,
            clock=services.clock,
            keys=services.keys,
            standings=services.standings,
        )
        return signed_in_of(view)

    @mutation("End this sign-in, or all of the viewer's.")
    async def sign_out(
        self,
        info: Info,
        everywhere: Annotated[
            bool, strawberry.argument(description="On all devices, not only this one.")
        ] = False,
    ) -> SignOutResult:
        viewer, services = viewer_of(info.context), services_of(info.context)
        end = sign_out_everywhere if everywhere else sign_out
        ended = await end(viewer, clock=services.clock, standings=services.standings)
        return SignedOut(ended=ended)
