"""The schema, assembled."""

from pathlib import Path

import strawberry
from strawberry.schema.config import StrawberryConfig

import schema.locations_sharing_words
import schema.locations_words
import schema.merchant_words
import schema.notice_words
import schema.rights_words
import schema.sms_words
import schema.words  # noqa: F401 - both describe the domain's enumerations
from schema.accounts import AccountQueries
from schema.availability import AvailabilityQueries
from schema.booking_links import BookingLinkQueries
from schema.charge_records import ChargeRecordQueries
from schema.devices import DeviceQueries
from schema.disputes import DisputeQueries
from schema.earnings import TotalsQueries
from schema.fee_contracts import FeeContractQueries
from schema.listings import ListingQueries
from schema.locations_bindings import BindingQueries
from schema.locations_fetching import FetchingQueries
from schema.merchant_orders import MerchantOrderQueries
from schema.mutations.accounts import AccountMutations
from schema.mutations.booking_links import BookingLinkMutations
from schema.mutations.booking_orders import BookingOrderMutations
from schema.mutations.campuses import CampusMutations
from schema.mutations.commands import CommandMutations
from schema.mutations.credentials import CredentialMutations
from schema.mutations.devices import DeviceMutations
from schema.mutations.disputes import DisputeMutations
from schema.mutations.exit_codes import ExitCodeMutations
from schema.mutations.imports import ImportMutations
from schema.mutations.listings import ListingMutations
from schema.mutations.locations_bindings import BindingMutations
from schema.mutations.locations_fetching import FetchingMutations
from schema.mutations.locations_keeping import KeepingMutations
from schema.mutations.locations_links import PositionLinkMutations
from schema.mutations.locations_positions import PositionMutations
from schema.mutations.locations_refinement import RefinementMutations
from schema.mutations.members import MemberMutations
from schema.mutations.merchant_orders import MerchantOrderMutations
from schema.mutations.merchant_units import MerchantUnitMutations
from schema.mutations.notices import NoticeMutations
from schema.mutations.payouts import PayoutMutations
from schema.mutations.places import PlaceMutations
from schema.mutations.rates import RateMutations
from schema.mutations.reservations import ReservationMutations
from schema.mutations.rights_claims import RightsClaimMutations
from schema.mutations.rights_codes import GrantCodeMutations
from schema.mutations.rights_contracts import RightsContractMutations
from schema.mutations.rights_entries import RightsEntryMutations
from schema.mutations.rights_exits import RightsExitMutations
from schema.mutations.rights_given import GrantedRightMutations
from schema.mutations.rights_specifications import RightSpecificationMutations
from schema.mutations.series import SeriesMutations
from schema.mutations.sessions import SessionMutations
from schema.mutations.sign_in import SignInMutations
from schema.mutations.spaces import SpaceMutations
from schema.mutations.subplaces import SubplaceMutations
from schema.mutations.titles import TitleMutations
from schema.mutations.validations import ValidationMutations
from schema.mutations.vehicles import VehicleMutations, VehicleProofMutations
from schema.mutations.waitlist import WaitlistMutations
from schema.mutations.wallets import WalletMutations
from schema.mutations.wechat import WeChatMutations
from schema.nodes import NodeQueries
from schema.payments import PaymentQueries
from schema.places import PlaceQueries
from schema.rates import RateQueries
from schema.reservations import ReservationQueries
from schema.rights_offers import RightsOfferQueries
from schema.scalars import SCALARS
from schema.sessions import SessionQueries
from schema.settlements import SettlementQueries
from schema.spaces import SpaceQueries
from schema.subscriptions import Subscription
from schema.titles import TitleQueries
from schema.waitlist import WaitlistQueries


@strawberry.type(description="Reading. Nothing here changes anything.")
class Query(
    NodeQueries,
    AccountQueries,
    PlaceQueries,
    SpaceQueries,
    DeviceQueries,
    ListingQueries,
    TitleQueries,
    RateQueries,
    ReservationQueries,
    AvailabilityQueries,
    WaitlistQueries,
    BookingLinkQueries,
    SessionQueries,
    SettlementQueries,
    ChargeRecordQueries,
    PaymentQueries,
    DisputeQueries,
    FeeContractQueries,
    TotalsQueries,
    RightsOfferQueries,
    MerchantOrderQueries,
    FetchingQueries,
    BindingQueries,
):
    """All query fields."""


@strawberry.type(
    description="Verbs. Each answers with a union of its result and named refusals; those that"
    " need a signed-in viewer give the error UNAUTHENTICATED to anybody else."
)
class Mutation(
    SignInMutations,
    AccountMutations,
    MemberMutations,
    CampusMutations,
    PlaceMutations,
    SubplaceMutations,
    SpaceMutations,
    ImportMutations,
    DeviceMutations,
    TitleMutations,
    ListingMutations,
    VehicleMutations,
    VehicleProofMutations,
    RateMutations,
    ReservationMutations,
    SeriesMutations,
    WaitlistMutations,
    BookingLinkMutations,
    BookingOrderMutations,
    CredentialMutations,
    CommandMutations,
    SessionMutations,
    WalletMutations,
    PayoutMutations,
    ValidationMutations,
    DisputeMutations,
    RightSpecificationMutations,
    RightsContractMutations,
    GrantCodeMutations,
    ExitCodeMutations,
    GrantedRightMutations,
    RightsClaimMutations,
    RightsExitMutations,
    RightsEntryMutations,
    NoticeMutations,
    MerchantUnitMutations,
    MerchantOrderMutations,
    PositionMutations,
    FetchingMutations,
    RefinementMutations,
    KeepingMutations,
    BindingMutations,
    PositionLinkMutations,
    WeChatMutations,
):
    """All mutation fields."""


SDL_PATH = Path(__file__).with_name("schema.graphql")
"""The printed schema, checked in; `berth schema export` writes it."""


def make_schema() -> strawberry.Schema:
    """A schema object, ready to execute."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(scalar_map=SCALARS),
    )


def printed_schema() -> str:
    """The schema in GraphQL's schema definition language, as it is checked in."""
    return make_schema().as_str().rstrip() + "\n"
