"""By which channels a person is reached: a pure choice, from addresses that the caller knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from parking.notices.kinds import NoticeChannel, NoticeTopic
from parking.notices.records import Notice


@dataclass(frozen=True, slots=True)
class Reach:
    """Addresses of one person: E.164, e-mail, WeChat open id; each may be None."""

    phone: str | None = None
    email: str | None = None
    wechat_open_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What one person is told, whatever the channel; see `Notice`."""

    key: str
    topic: NoticeTopic
    fields: Mapping[str, str]
    locale: str = "en"
    person_id: int | None = None
    organisation_id: int | None = None
    about: str = ""
    not_before: datetime | None = None
    useful_until: datetime | None = None


def ways_to(reach: Reach) -> tuple[tuple[NoticeChannel, str], ...]:
    """Channel and address: WeChat where it is bound, and the phone, or else the e-mail address.

    A subscribe message in WeChat may be refused by its reader's settings, of which nobody hears
    but the sender; so it never stands alone where there is another address.
    """
    addressed = (
        (NoticeChannel.SMS, reach.phone),
        (NoticeChannel.EMAIL, reach.email),
    )
    first = next(((channel, to) for channel, to in addressed if to), None)
    found = [] if not reach.wechat_open_id else [(NoticeChannel.WECHAT, reach.wechat_open_id)]
    return (*found, *([first] if first else []))


def notices_to(reach: Reach, telling: Telling) -> list[Notice]:
    """One notice for each way; none for somebody without any address."""
    return [
        Notice(
            key=f"{telling.key}/{channel.lower()}",
            channel=channel,
            recipient=to,
            topic=telling.topic,
            fields=telling.fields,
            locale=telling.locale,
            person_id=telling.person_id,
            organisation_id=telling.organisation_id,
            about=telling.about,
            not_before=telling.not_before,
            useful_until=telling.useful_until,
        )
        for channel, to in ways_to(reach)
    ]
