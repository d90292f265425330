"""The words of the sign-in pages."""

from math import ceil

from parking.errors import BerthError, InvalidInput, TooManyTries

TEXTS = {
    "en": {
        "title": "Sign in",
        "address": "Phone number or e-mail",
        "address_hint": "A phone number with its country code, such as +86 138 0013 8000",
        "send": "Send me a code",
        "code": "Six-digit code",
        "code_hint": "Sent to {address}. It works for 10 minutes.",
        "enter": "Sign in",
        "again": "Use another address or ask for a new code",
        "inbox": "Development: the code is in the inbox",
        "other_language": "中文",
        "address_invalid": "This is no e-mail address, and no phone number with its country code.",
        "code_invalid": "A code has six digits.",
        "CODE_REJECTED": "This code is wrong, expired or used. Check it, or ask for a new one.",
        "TOO_MANY_TRIES": "Too many attempts. Try again in {minutes} minutes.",
        "NOTICE_NOT_SENT": "The code could not be sent. Try again in a minute.",
        "FORM_UNUSABLE": "This form could not be read. Start again.",
        "CROSS_SITE": "This request did not come from this page. Start again.",
    },
    "zh": {
        "title": "登录",
        "address": "手机号或电子邮箱",
        "address_hint": "手机号请带国家代码，例如 +86 138 0013 8000",
        "send": "发送验证码",
        "code": "六位验证码",
        "code_hint": "已发送至 {address}，10 分钟内有效。",
        "enter": "登录",
        "again": "更换地址或重新获取验证码",
        "inbox": "开发环境：验证码在收件箱中",
        "other_language": "English",
        "address_invalid": "请输入电子邮箱，或带国家代码的手机号。",
        "code_invalid": "验证码为六位数字。",
        "CODE_REJECTED": "验证码错误、已过期或已使用。请检查，或重新获取。",
        "TOO_MANY_TRIES": "尝试次数过多，请在 {minutes} 分钟后再试。",
        "NOTICE_NOT_SENT": "验证码发送失败，请一分钟后再试。",
        "FORM_UNUSABLE": "无法读取此表单，请重新开始。",
        "CROSS_SITE": "此请求不是来自本页面，请重新开始。",
    },
}


def problem_text(error: BerthError, language: str) -> str:
    """What went wrong, in the reader's language; an error we have no words for tells itself."""
    texts = TEXTS[language]
    if isinstance(error, InvalidInput):
        return texts.get(f"{error.field}_invalid", error.message)
    minutes = ceil(error.retry_after_seconds / 60) if isinstance(error, TooManyTries) else 0
    text = texts.get(error.code)
    return error.message if text is None else text.format(minutes=minutes)
