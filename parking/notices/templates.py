"""What notices say, as data: each topic in each language. Times come as text, in the place's zone.

The fields of a topic are those of its English text; a test holds both languages to the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from parking.notices.kinds import NoticeTopic
from parking.notices.limits import FIELD_CHARACTERS_MAX

LOCALES = ("en", "zh")
LOCALE_DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Template:
    """`subject` is for e-mail, `text` says everything."""

    subject: str
    text: str

    @property
    def fields(self) -> frozenset[str]:
        """The names of the values that it needs."""
        parsed = [*Formatter().parse(self.subject), *Formatter().parse(self.text)]
        return frozenset(name for _, name, _, _ in parsed if name)


TEMPLATES: dict[NoticeTopic, dict[str, Template]] = {
    NoticeTopic.PARKING_BOOKED: {
        "en": Template(
            "Parking for you at {place}",
            "{merchant} has booked parking for you: {place}, space {space}, {starts} to {ends}."
            " The way, and what opens it: {link}",
        ),
        "zh": Template(
            "{place} 的车位已为您订好",
            "{merchant} 已为您预订车位：{place} {space} 号，{starts} 至 {ends}。"
            "路线与开锁方式：{link}",
        ),
    },
    NoticeTopic.PARKING_UNPAID: {
        "en": Template(
            "A space is kept for you at {place}",
            "{merchant} keeps parking for you: {place}, space {space}, {starts} to {ends}."
            " Confirm it by {until}: {link}",
        ),
        "zh": Template(
            "{place} 为您保留了车位",
            "{merchant} 为您保留了车位：{place} {space} 号，{starts} 至 {ends}。"
            "请在 {until} 前确认：{link}",
        ),
    },
    NoticeTopic.PARKING_MOVED: {
        "en": Template(
            "Your parking at {place} has changed",
            "Your parking has changed. It is now {place}, space {space}, {starts} to {ends}:"
            " {link}",
        ),
        "zh": Template(
            "您在 {place} 的车位有变动",
            "您的车位有变动，现为 {place} {space} 号，{starts} 至 {ends}：{link}",
        ),
    },
    NoticeTopic.PARKING_REMINDER: {
        "en": Template(
            "Your parking at {place} begins soon",
            "{place}, space {space} is yours from {starts}. The way, and what opens it: {link}",
        ),
        "zh": Template(
            "您在 {place} 的停车即将开始",
            "{place} {space} 号车位自 {starts} 起归您使用。路线与开锁方式：{link}",
        ),
    },
    NoticeTopic.PARKING_WAITLISTED: {
        "en": Template(
            "Waiting for parking at {merchant}",
            "There is no free space for your visit to {merchant} at {starts} yet. You are on the"
            " waitlist, and will hear as soon as one is free.",
        ),
        "zh": Template(
            "{merchant} 的车位正在候补",
            "您 {starts} 到访 {merchant} 时暂无空车位。您已进入候补名单，有空位会立即通知您。",
        ),
    },
    NoticeTopic.PARKING_REFUSED: {
        "en": Template(
            "No parking at {merchant}",
            "No parking could be booked for your visit to {merchant} at {starts}: {reason}",
        ),
        "zh": Template(
            "{merchant} 没有可订的车位",
            "您 {starts} 到访 {merchant} 时无法预订车位：{reason}",
        ),
    },
    NoticeTopic.PARKING_CANCELLED: {
        "en": Template(
            "Your parking at {place} is cancelled",
            "Your parking at {place} at {starts} is cancelled.",
        ),
        "zh": Template("您在 {place} 的车位已取消", "您 {starts} 在 {place} 的车位已取消。"),
    },
    NoticeTopic.PARKING_LATE: {
        "en": Template(
            "Your space at {place} is kept until {until}",
            "You have not arrived yet. {place}, space {space} is kept for you until {until}:"
            " {link}",
        ),
        "zh": Template(
            "您在 {place} 的车位保留至 {until}",
            "您尚未到达。{place} {space} 号车位为您保留至 {until}：{link}",
        ),
    },
    NoticeTopic.PARKING_MISSED: {
        "en": Template(
            "Your space at {place} was given up",
            "Nobody came, so the space booked for you at {place} at {starts} was given up.",
        ),
        "zh": Template(
            "您在 {place} 的车位已释放",
            "因无人到场，为您在 {place} 预订的 {starts} 车位已释放。",
        ),
    },
    NoticeTopic.PARKING_ENDING: {
        "en": Template(
            "Your parking at {place} ends at {ends}",
            "Your parking at {place}, space {space} ends at {ends}. To stay longer: {link}",
        ),
        "zh": Template(
            "您在 {place} 的停车将于 {ends} 结束",
            "您在 {place} {space} 号的停车将于 {ends} 结束。如需延长：{link}",
        ),
    },
    NoticeTopic.ORDER_BOOKED: {
        "en": Template(
            "Order {order}: parking booked",
            "Order {order}: booked {place}, space {space}, {starts} to {ends}. The guest was told.",
        ),
        "zh": Template(
            "订单 {order}：车位已订",
            "订单 {order}：已订 {place} {space} 号，{starts} 至 {ends}，已通知客人。",
        ),
    },
    NoticeTopic.ORDER_WAITLISTED: {
        "en": Template(
            "Order {order}: waiting for parking",
            "Order {order}: no space is free at {starts}; it is on the waitlist.",
        ),
        "zh": Template(
            "订单 {order}：车位候补中", "订单 {order}：{starts} 暂无空车位，已进入候补名单。"
        ),
    },
    NoticeTopic.ORDER_REFUSED: {
        "en": Template(
            "Order {order}: no parking", "Order {order}: no parking at {starts}: {reason}"
        ),
        "zh": Template("订单 {order}：未订到车位", "订单 {order}：{starts} 未订到车位：{reason}"),
    },
    NoticeTopic.ORDER_CANCELLED: {
        "en": Template("Order {order}: parking cancelled", "Order {order}: parking is cancelled."),
        "zh": Template("订单 {order}：车位已取消", "订单 {order}：车位已取消。"),
    },
    NoticeTopic.ORDER_ARRIVED: {
        "en": Template(
            "Order {order}: the guest has arrived",
            "Order {order}: the guest parked at {place}, space {space}.",
        ),
        "zh": Template(
            "订单 {order}：客人已到", "订单 {order}：客人已停在 {place} {space} 号车位。"
        ),
    },
    NoticeTopic.ORDER_MISSED: {
        "en": Template(
            "Order {order}: nobody came",
            "Order {order}: nobody came, and the space at {place} was given up.",
        ),
        "zh": Template("订单 {order}：无人到场", "订单 {order}：无人到场，{place} 的车位已释放。"),
    },
    NoticeTopic.ANSWER: {
        "en": Template("Your message", "{text}"),
        "zh": Template("您的消息", "{text}"),
    },
}


def best_locale(tag: str) -> str:
    """The language we have for a BCP 47 tag: `zh-CN` → `zh`, anything unknown → `en`."""
    language = tag.lower().replace("_", "-").partition("-")[0]
    return language if language in LOCALES else LOCALE_DEFAULT


def template_of(topic: NoticeTopic, locale: str) -> Template:
    """What is said about the topic in the language nearest to `locale`."""
    return TEMPLATES[topic][best_locale(locale)]


def rendered(topic: NoticeTopic, locale: str, fields: Mapping[str, str]) -> Template:
    """Subject and text with the values in place.

    Raises ValueError for a field that is missing: the caller's mistake, which its tests show.
    """
    template = template_of(topic, locale)
    missing = template.fields - fields.keys()
    if missing:
        raise ValueError(f"a notice of {topic} needs {', '.join(sorted(missing))}")
    values = {name: shortened(fields[name], topic) for name in template.fields}
    return Template(template.subject.format(**values), template.text.format(**values))


def shortened(value: str, topic: NoticeTopic) -> str:
    """The value on one line and within its limit; an answer is left as it was written."""
    if topic is NoticeTopic.ANSWER:
        return value
    line = " ".join(value.split())
    if len(line) <= FIELD_CHARACTERS_MAX:
        return line
    return line[: FIELD_CHARACTERS_MAX - 1] + "…"
