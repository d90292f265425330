"""What the platform writes to people about their account, in their language."""

from dataclasses import dataclass

from parking.errors import InvalidInput

LOCALES = ("en", "zh")
LOCALE_DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Notice:
    """A message: `subject` is for e-mail, `text` says everything."""

    subject: str
    text: str


_CODE = {
    "en": Notice(
        "Your Berth sign-in code",
        "{code} is your Berth sign-in code. It works for {minutes} minutes. "
        "Never give it to anyone.",
    ),
    "zh": Notice(
        "Berth 登录验证码",
        "您的 Berth 登录验证码是 {code}，{minutes} 分钟内有效。请勿告诉任何人。",
    ),
}
_INVITATION = {
    "en": Notice(
        "An invitation to {organisation}",
        "{organisation} invites you on Berth as {role}. Sign in with this address to accept.",
    ),
    "zh": Notice(
        "{organisation} 的邀请",
        "{organisation} 邀请您在 Berth 担任{role}。请用此地址登录后接受邀请。",
    ),
}
_ROLES_ZH = {
    "OPERATOR": "运营者",
    "ATTENDANT": "管理员",
    "MERCHANT": "商户",
    "OWNER": "车位业主",
    "DRIVER": "车主",
}


def code_notice(code: str, minutes: int, locale: str) -> Notice:
    """The message that brings a sign-in code."""
    notice = _CODE[best_locale(locale)]
    return Notice(notice.subject, notice.text.format(code=code, minutes=minutes))


def invitation_notice(organisation: str, role: str, locale: str) -> Notice:
    """The message that tells of an invitation."""
    language = best_locale(locale)
    values = {
        "organisation": organisation,
        "role": _ROLES_ZH[role] if language == "zh" else role.lower(),
    }
    notice = _INVITATION[language]
    return Notice(notice.subject.format(**values), notice.text.format(**values))


def best_locale(tag: str) -> str:
    """The language we have for a BCP 47 tag: `zh-CN` → `zh`, anything unknown → `en`."""
    language = tag.lower().replace("_", "-").partition("-")[0]
    return language if language in LOCALES else LOCALE_DEFAULT


def parse_locale(tag: str, field: str = "locale") -> str:
    """A language that a person chooses. Raises `InvalidInput` naming `field`."""
    language = tag.lower().replace("_", "-").partition("-")[0]
    if language not in LOCALES:
        raise InvalidInput(
            field, f"there is no language {tag!r}; expected one of {', '.join(LOCALES)}"
        )
    return language
