"""`node` and `nodes`: any object by its global id, under the same rules as by any other way."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeAlias

import strawberry

from schema.accounts import load_organisation, load_person
from schema.alarms import load_alarm
from schema.campuses import load_campus
from schema.charge_records import load_charge
from schema.commands import load_command
from schema.context import Info
from schema.devices import load_device
from schema.disputes import load_dispute
from schema.execution import COST, Cost
from schema.exit_codes import load_exit_code
from schema.fee_contracts import load_contract
from schema.fields import resolved
from schema.ids import parse_id
from schema.listings import load_listing
from schema.locations_bindings import load_binding
from schema.locations_fetching import load_delegation
from schema.locations_links import load_link
from schema.locations_photos import load_photo
from schema.locations_positions import load_position, load_version
from schema.locations_refinement import load_question
from schema.merchant_orders import load_order
from schema.merchant_units import load_unit
from schema.notices import load_notice
from schema.payments import load_payment, load_payment_account, load_rail_order
from schema.payouts import load_payout
from schema.places import load_place
from schema.quotes import load_quote
from schema.rates import load_rate_table
from schema.relay import Id, Node, check_count
from schema.reservations import load_reservation
from schema.rights_assigned import load_right
from schema.rights_codes import load_code
from schema.rights_contracts import load_rights_contract
from schema.rights_invoices import load_invoice
from schema.rights_redemptions import load_redemption
from schema.rights_signals import load_signal
from schema.rights_specifications import load_specification
from schema.series import load_series
from schema.sessions import load_session
from schema.settlements import load_settlement
from schema.spaces import load_space
from schema.subplaces import load_subplace
from schema.titles import load_title
from schema.vehicles import load_proof, load_vehicle
from schema.waitlist import load_waitlist_entry

NODES_MAX = 100

Load: TypeAlias = Callable[[Info, int], Awaitable[Node | None]]

LOADERS: dict[str, Load] = {
    "Alarm": load_alarm,
    "AssignedRight": load_right,
    "Campus": load_campus,
    "ChargeRecord": load_charge,
    "Device": load_device,
    "Dispute": load_dispute,
    "ExitCode": load_exit_code,
    "ExitDelegation": load_delegation,
    "FeeContract": load_contract,
    "GrantCode": load_code,
    "Listing": load_listing,
    "LockCommand": load_command,
    "MerchantOrder": load_order,
    "MerchantUnit": load_unit,
    "Notice": load_notice,
    "Organisation": load_organisation,
    "ParkingPosition": load_position,
    "Payment": load_payment,
    "PaymentAccount": load_payment_account,
    "Payout": load_payout,
    "Person": load_person,
    "Place": load_place,
    "PositionBinding": load_binding,
    "PositionLink": load_link,
    "PositionPhoto": load_photo,
    "PositionVersion": load_version,
    "Quote": load_quote,
    "RailOrder": load_rail_order,
    "RateTable": load_rate_table,
    "Redemption": load_redemption,
    "RefinementRequest": load_question,
    "Reservation": load_reservation,
    "ReservationSeries": load_series,
    "RightSpecification": load_specification,
    "RightsContract": load_rights_contract,
    "RightsInvoice": load_invoice,
    "RightsSignal": load_signal,
    "Session": load_session,
    "Settlement": load_settlement,
    "Space": load_space,
    "Subplace": load_subplace,
    "WaitlistEntry": load_waitlist_entry,
    "Title": load_title,
    "Vehicle": load_vehicle,
    "VehicleProof": load_proof,
}


async def load_node(info: Info, text: str) -> Node | None:
    """The object, if there is one that the viewer may see."""
    name, key = parse_id(text) or ("", 0)
    read = LOADERS.get(name)
    return None if read is None else await read(info, key)


@strawberry.type
class NodeQueries:
    """Relay's root fields."""

    @resolved("The object with this id; null when there is none that the viewer may see.")
    async def node(self, info: Info, id: Id) -> Node | None:
        return await load_node(info, id)

    @resolved(
        "The objects with these ids, in that order; null for each that does not exist"
        " for the viewer.",
        metadata={COST: Cost(assumed_size=NODES_MAX)},
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description=f"At most {NODES_MAX} ids.")
        ],
    ) -> list[Node | None]:
        check_count(len(ids), NODES_MAX, "ids")
        return list(await asyncio.gather(*(load_node(info, each) for each in ids)))
