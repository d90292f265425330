"""Pages and filters of nouns that many others show: named once, by types that come later."""

from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry

from schema.relay import Connection

if TYPE_CHECKING:
    from schema.charge_records import ChargeRecord
    from schema.rates import RateTable
    from schema.reservations import Reservation, ReservationFilterInput
    from schema.rights_assigned import AssignedRight
    from schema.rights_codes import GrantCode
    from schema.rights_contracts import RightsContract
    from schema.rights_redemptions import Redemption
    from schema.rights_signals import RightsSignal
    from schema.sessions import Session
    from schema.settlements import Settlement, SettlementFilterInput

ReservationPage: TypeAlias = Connection[
    Annotated["Reservation", strawberry.lazy("schema.reservations")]
]
SessionPage: TypeAlias = Connection[Annotated["Session", strawberry.lazy("schema.sessions")]]
RateTablePage: TypeAlias = Connection[Annotated["RateTable", strawberry.lazy("schema.rates")]]
SettlementPage: TypeAlias = Connection[
    Annotated["Settlement", strawberry.lazy("schema.settlements")]
]
ChargeRecordPage: TypeAlias = Connection[
    Annotated["ChargeRecord", strawberry.lazy("schema.charge_records")]
]
RightsContractPage: TypeAlias = Connection[
    Annotated["RightsContract", strawberry.lazy("schema.rights_contracts")]
]
GrantCodePage: TypeAlias = Connection[
    Annotated["GrantCode", strawberry.lazy("schema.rights_codes")]
]
AssignedRightPage: TypeAlias = Connection[
    Annotated["AssignedRight", strawberry.lazy("schema.rights_assigned")]
]
RedemptionPage: TypeAlias = Connection[
    Annotated["Redemption", strawberry.lazy("schema.rights_redemptions")]
]
RightsSignalPage: TypeAlias = Connection[
    Annotated["RightsSignal", strawberry.lazy("schema.rights_signals")]
]

ReservationsAsked: TypeAlias = Annotated[
    Annotated["ReservationFilterInput", strawberry.lazy("schema.reservations")] | None,
    strawberry.argument(description="Which ones; null: all."),
]
SettlementsAsked: TypeAlias = Annotated[
    Annotated["SettlementFilterInput", strawberry.lazy("schema.settlements")] | None,
    strawberry.argument(description="Which ones; null: all."),
]
