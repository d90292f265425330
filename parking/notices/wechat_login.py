"""The port by which a mini program's login code is exchanged for whom WeChat knows somebody as."""

from typing import Protocol

from parking.errors import Refusal

OPEN_ID_CHARACTERS_MAX = 128
CODE_CHARACTERS_MAX = 128


class WeChatNotConfigured(Refusal):
    """This platform has no mini program."""

    code = "WECHAT_NOT_CONFIGURED"


class WeChatCodeRejected(Refusal):
    """WeChat does not know the login code: false, used, older than five minutes, or of another
    mini program."""

    code = "WECHAT_CODE_REJECTED"


class WeChatBlocked(Refusal):
    """WeChat lets this user sign in nowhere: it takes them for a risk."""

    code = "WECHAT_BLOCKED"


class WeChatBusy(Refusal):
    """WeChat did not answer, or has too much to do; the same code may be good in a moment."""

    code = "WECHAT_BUSY"


class WeChatLogin(Protocol):
    """Asks WeChat."""

    @property
    def app_id(self) -> str:
        """The mini program: an open id is somebody's in it alone."""

    async def open_id_of(self, code: str) -> str:
        """Whom `wx.login` gave the code to. It is good once, for five minutes.

        Raises `WeChatNotConfigured`, `WeChatCodeRejected`, `WeChatBlocked` and `WeChatBusy`.
        """

    async def close(self) -> None:
        """Let go of connections."""


class NoWeChat:
    """The embedded one: nobody signs in by WeChat."""

    app_id = ""

    async def open_id_of(self, code: str) -> str:
        """Always refused."""
        del code
        raise WeChatNotConfigured(
            "this platform has no WeChat mini program; sign in by phone or e-mail"
        )

    async def close(self) -> None:
        """Nothing is open."""
