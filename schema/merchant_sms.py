"""Merchants' messages by SMS: what was written, how it was read, and what came of it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.merchants.kinds import SmsResult
from parking.merchants.sms.heard import Heard, heard_of
from parking.merchants.sms.limits import TEXT_KEPT
from parking.merchants.sms.log import SmsFilter, messages_of
from parking.merchants.sms.messages import Message
from parking.merchants.sms.results import Action, Field, Problem, Trouble
from schema import merchant_orders, merchant_units
from schema.context import Info, viewer_of
from schema.fields import resolved
from schema.ids import global_id, wanted_key
from schema.relay import Connection, Page, after_id, connection

if TYPE_CHECKING:
    from schema.merchant_orders import MerchantOrder
    from schema.merchant_units import MerchantUnit


@strawberry.type(description="Why a text could not be acted on.")
class SmsProblem:
    """`parking.merchants.sms.results.Problem`."""

    field: Field = strawberry.field(description="What it is about.")
    trouble: Trouble = strawberry.field(description="What is wrong with it.")
    said: list[str] = strawberry.field(
        description="The words of the text, or the meanings that are possible."
    )


@strawberry.type(description="What a text was understood as; null or empty where nothing was said.")
class SmsUnderstood:
    """`parking.merchants.sms.heard.Heard`."""

    action: Action = strawberry.field(description="What is to be done.")
    order_ref: str = strawberry.field(description="The order's name.")
    service_at: datetime | None = strawberry.field(description="When the service begins.")
    service_ends_at: datetime | None = strawberry.field(description="When it ends.")
    party: int | None = strawberry.field(description="So many people.")
    guest_name: str = strawberry.field(description="The guest's name.")
    guest_phone: str = strawberry.field(description="E.164.")
    guest_language: str = strawberry.field(description="As the text names it: `en` or `zh`.")
    plate: str = strawberry.field(description="Normalised.")
    wants_parking: bool | None = strawberry.field(description="Whether parking is wanted.")
    is_accessible: bool | None = strawberry.field(description="In a space for disabled drivers.")
    is_ev: bool | None = strawberry.field(description="In one with a charger.")
    shift_minutes: int | None = strawberry.field(
        description="The service begins so much later than it did (negative: earlier); null: as"
        " `serviceAt` says, which counts for an order that was new, too."
    )
    problems: list[SmsProblem] = strawberry.field(
        description="Why nothing was done; empty for a text that was clear."
    )


@strawberry.type(
    description="A message by SMS from a number that speaks for a unit. For whoever may see the"
    " merchant's orders."
)
class MerchantSms:
    """`parking.merchants.sms.messages.Message`."""

    id: strawberry.ID = strawberry.field(description="The message's id.")
    sender: str = strawberry.field(
        description=f"E.164; empty once it was erased, {TEXT_KEPT.days} days after it came."
    )
    text: str = strawberry.field(description="What was written; erased with the sender.")
    received_at: datetime = strawberry.field(description="When it came.")
    handled_at: datetime | None = strawberry.field(description="When it was answered; null: not.")
    result: SmsResult | None = strawberry.field(description="What came of it; null: nothing yet.")
    understood: SmsUnderstood | None = strawberry.field(
        description="What it was understood as; null: it was not read, or that was erased."
    )
    answer: str = strawberry.field(description="The answer; erased with the text.")
    domain: strawberry.Private[Message]

    @resolved("The unit that its sender spoke for.")
    async def unit(
        self, info: Info
    ) -> Annotated["MerchantUnit", strawberry.lazy("schema.merchant_units")] | None:
        return await merchant_units.load_unit(info, self.domain.unit_id)

    @resolved("The order that it was about; null: none was found or made.")
    async def order(
        self, info: Info
    ) -> Annotated["MerchantOrder", strawberry.lazy("schema.merchant_orders")] | None:
        return await merchant_orders.load_order(info, self.domain.order_id)


@strawberry.input(description="Which messages; what is null asks for nothing.")
class MerchantSmsFilterInput:
    """`parking.merchants.sms.log.SmsFilter`."""

    unit_id: strawberry.ID | None = strawberry.field(default=None, description="Of this unit.")
    result: SmsResult | None = strawberry.field(default=None, description="Of which this came.")
    since: datetime | None = strawberry.field(default=None, description="Received then or later.")
    until: datetime | None = strawberry.field(default=None, description="Received before.")


def sms_of(message: Message) -> MerchantSms:
    """The domain's message as the schema's type."""
    return MerchantSms(
        id=global_id("MerchantSms", message.id),
        sender=message.sender,
        text=message.text,
        received_at=message.received_at,
        handled_at=message.handled_at,
        result=message.result,
        understood=_understood(heard_of(message.understood)),
        answer=message.answer,
        domain=message,
    )


def _understood(heard: Heard) -> SmsUnderstood | None:
    if heard.action is None:
        return None
    told = heard._asdict()
    return SmsUnderstood(**{**told, "problems": [_problem_of(each) for each in heard.problems]})


def _problem_of(problem: Problem) -> SmsProblem:
    return SmsProblem(field=problem.field, trouble=problem.trouble, said=list(problem.said))


async def sms_page(
    info: Info, organisation_id: int, given: MerchantSmsFilterInput | None, asked: Page
) -> Connection[MerchantSms]:
    """One page of a merchant's messages that the viewer may see, the newest first."""
    viewer, before = viewer_of(info.context), after_id(asked)
    found = await messages_of(
        viewer, organisation_id, _filter_of(given), limit=asked.limit, before_id=before
    )
    return connection(asked, found, lambda message: (message.id,), sms_of)


def _filter_of(given: MerchantSmsFilterInput | None) -> SmsFilter:
    if given is None:
        return SmsFilter()
    unit = None if given.unit_id is None else wanted_key(given.unit_id, "MerchantUnit")
    return SmsFilter(unit, given.result, given.since, given.until)
