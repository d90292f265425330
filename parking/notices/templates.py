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
    NoticeTopic.PARKING_EARLY: {
        "en": Template(
            "Your space at {place} opens at {opens}",
            "You are early. {place}, space {space} opens for you from {opens}: {link}",
        ),
        "zh": Template(
            "您在 {place} 的车位自 {opens} 起可用",
            "您来早了。{place} {space} 号车位自 {opens} 起为您开放：{link}",
        ),
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
    NoticeTopic.ORDER_ARRIVING: {
        "en": Template(
            "Order {order}: the guest is there",
            "Order {order}: the guest says that they are at {place}, space {space}.",
        ),
        "zh": Template(
            "订单 {order}：客人到场", "订单 {order}：客人告知已到 {place} {space} 号车位。"
        ),
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
    NoticeTopic.ORDER_LATE: {
        "en": Template(
            "Order {order}: the guest is late",
            "Order {order}: the guest has not parked yet. {place}, space {space} is kept until"
            " {until}.",
        ),
        "zh": Template(
            "订单 {order}：客人迟到",
            "订单 {order}：客人尚未停车，{place} {space} 号车位保留至 {until}。",
        ),
    },
    NoticeTopic.ORDER_LOCK_FAILED: {
        "en": Template(
            "Order {order}: the lock fails",
            "Order {order}: the lock of {place}, space {space} fails, and no other space is free"
            " from {starts}. The guest keeps it; nothing keeps others out.",
        ),
        "zh": Template(
            "订单 {order}：地锁故障",
            "订单 {order}：{place} {space} 号车位的地锁故障，{starts} 起没有其他空车位。"
            "车位仍为客人保留，但无法阻止他人停入。",
        ),
    },
    NoticeTopic.ORDER_MISSED: {
        "en": Template(
            "Order {order}: nobody came",
            "Order {order}: nobody came, and the space at {place} was given up.",
        ),
        "zh": Template("订单 {order}：无人到场", "订单 {order}：无人到场，{place} 的车位已释放。"),
    },
    NoticeTopic.POSITION_INVITED: {
        "en": Template(
            "{name} wants to show you where a car is parked",
            "{name} wants to show you where a car is parked. To agree or decline: {link}",
        ),
        "zh": Template(
            "{name} 想与您共享停车位置",
            "{name} 想让您看到车辆的停放位置。同意或拒绝：{link}",
        ),
    },
    NoticeTopic.POSITION_ASKED: {
        "en": Template(
            "{name} asks where your car is parked",
            "{name} asks to see where your car is parked. To agree or decline: {link}",
        ),
        "zh": Template(
            "{name} 请求查看您的停车位置",
            "{name} 请求查看您的车辆停放位置。同意或拒绝：{link}",
        ),
    },
    NoticeTopic.POSITION_SHOWN: {
        "en": Template(
            "Where the car of {sharer} is",
            "The car of {sharer} is at {place}: {where}. {link}",
        ),
        "zh": Template(
            "{sharer} 的车辆位置",
            "{sharer} 的车停在 {place}：{where}。{link}",
        ),
    },
    NoticeTopic.POSITION_ENDED: {
        "en": Template(
            "The car of {sharer} is not shown any more",
            "The position of the car of {sharer} at {place} is not shown to you any more.",
        ),
        "zh": Template(
            "{sharer} 的车辆位置已不再显示",
            "{sharer} 停在 {place} 的车辆位置已不再向您显示。",
        ),
    },
    NoticeTopic.POSITION_LINK_CLOSED: {
        "en": Template(
            "A link to your car was closed",
            "Your link {label} was closed after too many wrong passcodes. If it was a friend, make"
            " them another.",
        ),
        "zh": Template(
            "车辆位置链接已关闭",
            "您的链接 {label} 因口令错误次数过多已关闭。如果是朋友输错，请重新创建一个链接。",
        ),
    },
    NoticeTopic.EXIT_DELEGATED: {
        "en": Template(
            "You may fetch a car at {place}",
            "You may fetch a car at {place} until {until}. What lets it out, once: {link}",
        ),
        "zh": Template(
            "您可以到 {place} 代取车辆",
            "您可以在 {until} 前到 {place} 代取车辆。出场凭证（仅限一次）：{link}",
        ),
    },
    NoticeTopic.EXIT_REVOKED: {
        "en": Template(
            "The car at {place} is not to be fetched any more",
            "You were to fetch a car at {place}. That was taken back: your code opens nothing now.",
        ),
        "zh": Template(
            "{place} 的代取授权已撤销",
            "您在 {place} 代取车辆的授权已撤销，出场凭证不再有效。",
        ),
    },
    NoticeTopic.EXIT_OPENED: {
        "en": Template(
            "Your car at {place} is being fetched",
            "{name} has opened space {space} at {place} at {at}, to fetch your car.",
        ),
        "zh": Template(
            "您在 {place} 的车辆正在被代取",
            "{name} 已于 {at} 打开 {place} {space} 号车位，代取您的车辆。",
        ),
    },
    NoticeTopic.EXIT_USED: {
        "en": Template(
            "Your car has left {place}",
            "{name} has driven your car out of {place} at {at}. The right to fetch it is used.",
        ),
        "zh": Template(
            "您的车辆已驶离 {place}",
            "{name} 已于 {at} 将您的车辆驶离 {place}，代取授权已使用。",
        ),
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
