"""The SMS that answers: what was understood and done, or what is missing, with an example.

Pure. In the merchant's language, never longer than `SEGMENTS_MAX` segments; what is not English or
Chinese in it (names) may need the wider alphabet, which is counted.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from parking.accounts.texts import best_locale
from parking.errors import Refusal
from parking.merchants.kinds import OrderState
from parking.merchants.sms import answer_words as words
from parking.merchants.sms.orders import Standing
from parking.merchants.sms.results import Problem, Trouble, Unclear, Understood
from parking.merchants.sms.segments import fitted

SEGMENTS_MAX = 3
_SAID_MAX = 3
_SAID_CHARACTERS_MAX = 30


def done(order: Understood, standing: Standing, zone: ZoneInfo, locale: str) -> str:
    """The answer to what was carried out."""
    language = best_locale(locale)
    text = words.STATES[language][standing.state].format(
        ref=standing.order_ref,
        place=standing.place,
        space=standing.space,
        reason=_reason(standing, language),
        told=_told(order, standing, zone, language),
    )
    return fitted(text.strip(), SEGMENTS_MAX)


def not_done(order: Understood, refusal: Refusal, locale: str) -> str:
    """The answer to what was understood and refused."""
    language = best_locale(locale)
    known = words.REFUSALS[language]
    why = known.get(refusal.code) or (refusal.message if language == "en" else refusal.code)
    text = words.NOT_DONE[language].format(ref=order.order_ref, why=why)
    return fitted(_ended(text, language), SEGMENTS_MAX)


def unclear(reading: Unclear, locale: str) -> str:
    """The answer to what was not understood: each problem, then an example."""
    language = best_locale(locale)
    problems = words.SINGLE[language]["and"].join(_problem(p, language) for p in reading.problems)
    if reading.heard.order_ref:
        problems = words.HEARD[language].format(what=problems, ref=reading.heard.order_ref)
    example = words.EXAMPLE[language]
    text = words.UNCLEAR[language].format(problems=problems, example=example)
    return fitted(text, SEGMENTS_MAX)


def help_text(locale: str) -> str:
    """The answer to a call for help."""
    language = best_locale(locale)
    return words.HELP[language].format(example=words.EXAMPLE[language])


def failed(locale: str) -> str:
    """The answer to a message that could not be carried out, whatever was tried."""
    return words.FAILED[best_locale(locale)]


def incomplete(locale: str) -> str:
    """The answer to a long message of which a part never came."""
    return words.INCOMPLETE[best_locale(locale)]


def no_more(locale: str) -> str:
    """The last answer for a while, to a number that writes too much."""
    return words.NO_MORE[best_locale(locale)]


def shown_time(at: datetime, zone: ZoneInfo, locale: str) -> str:
    """`Sat 21 Nov 19:30`, `11月21日周六19:30`."""
    language, local = best_locale(locale), at.astimezone(zone)
    weekday = words.WEEKDAYS[language][local.weekday()]
    if language == "zh":
        return f"{local.month}月{local.day}日周{weekday}{local:%H:%M}"
    return f"{weekday} {local.day} {words.MONTHS[local.month - 1]} {local:%H:%M}"


def _told(order: Understood, standing: Standing, zone: ZoneInfo, language: str) -> str:
    """What was understood, in the order in which it matters."""
    single = words.SINGLE[language]
    at = (None if order.shift else order.service_at) or standing.service_at
    pieces = [] if at is None else [shown_time(at, zone, language)]
    if at is not None and order.service_ends_at is not None:
        pieces[0] += f"{single['until']}{order.service_ends_at.astimezone(zone):%H:%M}"
    if order.party is not None:
        pieces.append(single["people"].format(order.party))
    pieces += [each for each in (order.guest_name, order.guest_phone) if each]
    if order.plate:
        pieces.append(single["plate"].format(order.plate))
    pieces += [single[need] for need in ("accessible", "ev") if getattr(order.needs, need)]
    if order.language:
        pieces.append(words.LANGUAGES[language][order.language])
    return _ended(single["list"].join(pieces), language)


def _ended(text: str, language: str) -> str:
    return text if not text or text[-1] in ".。" else text + words.SINGLE[language]["end"]


def _reason(standing: Standing, language: str) -> str:
    if standing.state is not OrderState.REFUSED:
        return ""
    known = words.REASONS[language].get(standing.reason_code)
    return known or standing.reason or words.REASONS[language]["FULL"]


def _problem(problem: Problem, language: str) -> str:
    single = words.SINGLE[language]
    is_choice = problem.trouble in {Trouble.EITHER, Trouble.TWICE}
    said = [each[:_SAID_CHARACTERS_MAX] for each in problem.said[:_SAID_MAX]]
    return words.TROUBLES[language][problem.trouble].format(
        field=words.FIELDS[language][problem.field],
        said=single["or" if is_choice else "list"].join(said),
    )
