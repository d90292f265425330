"""Verbs on contracts of issuers with places, and on what a place says of rights."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.rights.contracts import (
    accept_contract,
    decline_contract,
    end_contract,
    offer_contract,
    raise_contract_limits,
)
from parking.rights.place_rules import set_place_rule
from schema.context import Info
from schema.ids import wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.mutations.rights_inputs import (
    OfferRightsContractInput,
    SetRightsContractLimitsInput,
    limits_of,
    new_contract_of,
)
from schema.places import Place, load_known_place
from schema.refusals import VerbRefusal
from schema.rights_contracts import RightsContract, load_known_rights_contract
from schema.scalars import Version

ContractId: TypeAlias = Annotated[
    strawberry.ID, strawberry.argument(description="The contract's id.")
]
Reason: TypeAlias = Annotated[
    str, strawberry.argument(description="Why, for the other side; at most 500 characters.")
]


@strawberry.type(description="An issuer is offered a contract; one's own is in force at once.")
class RightsContractOffered:
    """Outcome of `offerRightsContract`."""

    contract: RightsContract = strawberry.field(description="The contract.")


@strawberry.type(description="A contract has changed.")
class RightsContractChanged:
    """Outcome of the other verbs on contracts."""

    contract: RightsContract = strawberry.field(description="The contract now.")


@strawberry.type(description="A place's rule of rights is as was wished.")
class PlaceRightsRuleSet:
    """Outcome of `setPlaceRightsRule`."""

    place: Place = strawberry.field(description="The place.")


OfferRightsContractResult: TypeAlias = Annotated[
    RightsContractOffered | VerbRefusal,
    strawberry.union(
        "OfferRightsContractResult", description="What `offerRightsContract` answers."
    ),
]
ChangeRightsContractResult: TypeAlias = Annotated[
    RightsContractChanged | VerbRefusal,
    strawberry.union(
        "ChangeRightsContractResult", description="What the verbs on a contract answer."
    ),
]
SetPlaceRightsRuleResult: TypeAlias = Annotated[
    PlaceRightsRuleSet | VerbRefusal,
    strawberry.union("SetPlaceRightsRuleResult", description="What `setPlaceRightsRule` answers."),
]


async def _changed(
    info: Info,
    key: str,
    given: dict[str, object],
    contract: int,
    change: Callable[[Work], Awaitable[None]],
) -> RightsContractChanged:
    """Do it once, and show the contract."""

    async def do(work: Work) -> Answer:
        await change(work)
        return {}

    await once(info, key, {"contract": contract, **given}, do)
    return RightsContractChanged(contract=await load_known_rights_contract(info, contract))


@strawberry.type
class RightsContractMutations:
    """Root fields."""

    @mutation("Offer an issuer to grant rights at a place. For the place's OPERATORs.")
    async def offer_rights_contract(
        self,
        info: Info,
        input: Annotated[OfferRightsContractInput, strawberry.argument(description="The offer.")],
        idempotency_key: IdempotencyKey,
    ) -> OfferRightsContractResult:
        new = new_contract_of(input)

        async def do(work: Work) -> Answer:
            made = await offer_contract(work.viewer, new, clock=work.clock, bus=work.bus)
            return {"contract": made}

        done = await once(info, idempotency_key, {"new": new}, do)
        made = await load_known_rights_contract(info, done.answer["contract"])
        return RightsContractOffered(contract=made)

    @mutation(
        "Accept a contract. For the issuer's MERCHANTs, OWNERs and OPERATORs. Conflict:"
        " VERSION_CHANGED, WRONG_STATE, VALIDITY_OVER."
    )
    async def accept_rights_contract(
        self,
        info: Info,
        contract_id: ContractId,
        version: Annotated[
            Version, strawberry.argument(description="The contract's version that was seen.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> ChangeRightsContractResult:
        contract = wanted_key(contract_id, "RightsContract")

        async def change(work: Work) -> None:
            await accept_contract(work.viewer, contract, version, clock=work.clock, bus=work.bus)

        return await _changed(info, idempotency_key, {"version": version}, contract, change)

    @mutation("Decline a contract. For the same people.")
    async def decline_rights_contract(
        self,
        info: Info,
        contract_id: ContractId,
        idempotency_key: IdempotencyKey,
        reason: Reason = "",
    ) -> ChangeRightsContractResult:
        contract = wanted_key(contract_id, "RightsContract")

        async def change(work: Work) -> None:
            await decline_contract(work.viewer, contract, reason, clock=work.clock, bus=work.bus)

        return await _changed(info, idempotency_key, {"reason": reason}, contract, change)

    @mutation(
        "End a contract, or take an offer back: nothing is granted on it any more, and what was"
        " granted stays. For both sides."
    )
    async def end_rights_contract(
        self, info: Info, contract_id: ContractId, reason: Reason, idempotency_key: IdempotencyKey
    ) -> ChangeRightsContractResult:
        contract = wanted_key(contract_id, "RightsContract")

        async def change(work: Work) -> None:
            await end_contract(work.viewer, contract, reason, clock=work.clock, bus=work.bus)

        return await _changed(info, idempotency_key, {"reason": reason}, contract, change)

    @mutation(
        "Change quota and budget, never below what is used. Both sides may lower them. Once the"
        " contract is in force only the issuer may raise them, who pays; nobody where it has a"
        " price, as then both pay: make one more contract."
    )
    async def set_rights_contract_limits(
        self,
        info: Info,
        input: Annotated[
            SetRightsContractLimitsInput, strawberry.argument(description="The limits.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> ChangeRightsContractResult:
        contract, limits = wanted_key(input.contract_id, "RightsContract"), limits_of(input)

        async def change(work: Work) -> None:
            await raise_contract_limits(
                work.viewer, contract, **limits, clock=work.clock, bus=work.bus
            )

        return await _changed(info, idempotency_key, {"input": input}, contract, change)

    @mutation(
        "Say how many rights of all issuers a stay takes at a place, and whether drivers need proof"
        " that they may speak for their vehicle. For the place's OPERATORs."
    )
    async def set_place_rights_rule(
        self,
        info: Info,
        place_id: Annotated[strawberry.ID, strawberry.argument(description="The place's id.")],
        per_stay_max: Annotated[int, strawberry.argument(description="1 to 5.")],
        needs_proof: Annotated[
            bool, strawberry.argument(description="Whether rights are for proven drivers only.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> SetPlaceRightsRuleResult:
        place = wanted_key(place_id, "Place")

        async def do(work: Work) -> Answer:
            await set_place_rule(
                work.viewer, place, per_stay_max, needs_proof, clock=work.clock, bus=work.bus
            )
            return {}

        given = {"place": place, "per_stay_max": per_stay_max, "needs_proof": needs_proof}
        await once(info, idempotency_key, given, do)
        return PlaceRightsRuleSet(place=await load_known_place(info, place))
