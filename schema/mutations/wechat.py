"""Signing in by a WeChat mini program, and being told there."""

from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.accounts.notice_preferences import own_preference
from parking.accounts.texts import LOCALE_DEFAULT
from parking.accounts.wechat import bind_wechat, sign_in_with_wechat, unbind_wechat
from parking.ids import keyed_hash
from schema.context import Info, services_of, source_of, viewer_of
from schema.mutations.once import IdempotencyKey, Work, mutation, once, once_outside
from schema.mutations.sign_in import Locale, SignInKey, SignInResult, signed_in_of
from schema.notices import NoticePreference, preference_of
from schema.refusals import Declined, TooManyTries, VerbRefusal

LoginCode: TypeAlias = Annotated[
    str, strawberry.argument(description="What `wx.login` gave; good once, for five minutes.")
]


@strawberry.type(description="WeChat knows the viewer: they can sign in by it, and are told there.")
class WeChatBound:
    """Outcome of `bindWeChat`."""

    preference: NoticePreference = strawberry.field(description="The viewer's wishes now.")


@strawberry.type(description="WeChat does not know the viewer any more.")
class WeChatUnbound:
    """Outcome of `unbindWeChat`."""

    preference: NoticePreference = strawberry.field(description="The viewer's wishes now.")


BindWeChatResult: TypeAlias = Annotated[
    WeChatBound | VerbRefusal | Declined | TooManyTries,
    strawberry.union("BindWeChatResult", description="What `bindWeChat` answers."),
]
UnbindWeChatResult: TypeAlias = Annotated[
    WeChatUnbound | VerbRefusal,
    strawberry.union("UnbindWeChatResult", description="What `unbindWeChat` answers."),
]


@strawberry.type
class WeChatMutations:
    """Root fields."""

    @mutation(
        "Sign in with a login code of the mini program; who is new is welcome. Declined:"
        " WECHAT_CODE_REJECTED, WECHAT_BLOCKED, WECHAT_BUSY (try again), WECHAT_NOT_CONFIGURED."
    )
    async def sign_in_with_we_chat(
        self,
        info: Info,
        code: LoginCode,
        locale: Locale = LOCALE_DEFAULT,
        idempotency_key: SignInKey = None,
    ) -> SignInResult:
        services = services_of(info.context)
        view = await sign_in_with_wechat(
            code, source_of(info.context), wechat=services.wechat, clock=services.clock,
            keys=services.keys, locale=locale, idempotency_key=idempotency_key,
        )  # fmt: skip
        return signed_in_of(view)

    @mutation(
        "Sign in by this WeChat account from now on, and be told by subscribe messages there."
        " Conflict WECHAT_TAKEN: it signs in another person. Declined: as `signInWithWeChat`."
    )
    async def bind_we_chat(
        self, info: Info, code: LoginCode, idempotency_key: IdempotencyKey
    ) -> BindWeChatResult:
        services, viewer = services_of(info.context), viewer_of(info.context)

        async def do() -> Answer:
            await bind_wechat(viewer, code, wechat=services.wechat, clock=services.clock)
            return {}

        given = {"code": keyed_hash(services.keys.codes, f"wechat {code!a}")}
        await once_outside(info, idempotency_key, given, do)
        return WeChatBound(preference=preference_of(await own_preference(viewer)))

    @mutation(
        "Have WeChat forgotten: no signing in by it, and no messages there. Conflict ONLY_SIGN_IN:"
        " there would be no other way to sign in."
    )
    async def unbind_we_chat(
        self, info: Info, idempotency_key: IdempotencyKey
    ) -> UnbindWeChatResult:
        viewer = viewer_of(info.context)

        async def do(work: Work) -> Answer:
            await unbind_wechat(work.viewer, clock=work.clock)
            return {}

        await once(info, idempotency_key, {}, do)
        return WeChatUnbound(preference=preference_of(await own_preference(viewer)))
