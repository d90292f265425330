"""Who of a merchant is told of a step by e-mail and SMS, besides its webhooks and the stream: the
unit's own contacts, and the senders of its orders by SMS. Each address once. Pure."""

from collections.abc import Sequence

from parking.accounts.texts import best_locale
from parking.merchants.kinds import OrderStep, ToldSteps
from parking.merchants.records import OrderRecord, UnitRecord
from parking.merchants.sms.answer_words import REASONS
from parking.notices.kinds import NoticeChannel, NoticeTopic

PROBLEMS = frozenset(
    {
        NoticeTopic.ORDER_WAITLISTED,
        NoticeTopic.ORDER_REFUSED,
        NoticeTopic.ORDER_LATE,
        NoticeTopic.ORDER_LOCK_FAILED,
        NoticeTopic.ORDER_MISSED,
    }
)
"""What a unit hears of that wants to be told of problems only."""

Contact = tuple[NoticeChannel, str]


def is_problem(topic: NoticeTopic, step: OrderStep, *, had_a_bay: bool) -> bool:
    """Whether a step is one that staff may have to do something about. `had_a_bay`: a booking that
    takes the place of another, of which nobody sent a message: its lock fails, or its place took
    it away."""
    return topic in PROBLEMS or step is OrderStep.MOVED or (step is OrderStep.BOOKED and had_a_bay)


def reason_for(unit: UnitRecord, order: OrderRecord) -> str:
    """Why an order is refused, in the unit's language: in English as it was written, with all there
    is to say."""
    language = best_locale(unit.locale)
    known = "" if language == "en" else REASONS[language].get(order.reason_code, "")
    return known or order.reason


def contacts_of(
    unit: UnitRecord, senders: Sequence[str], *, is_problem: bool, is_answered: bool
) -> list[Contact]:
    """Channels and addresses. `senders` are those of an order that came by SMS, and none of another
    order; `is_answered`: they hear of this step by the answer to their message."""
    phones = [] if is_answered else list(senders)
    if unit.told_steps is ToldSteps.PROBLEMS and not is_problem:
        return [(NoticeChannel.SMS, each) for each in phones]
    if unit.told_phone and not (is_answered and unit.told_phone in senders):
        phones.append(unit.told_phone)
    found = [(NoticeChannel.SMS, each) for each in dict.fromkeys(phones)]
    return [*found, (NoticeChannel.EMAIL, unit.told_email)] if unit.told_email else found
