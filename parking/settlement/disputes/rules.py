"""Disputes: who may what, until when, and what follows what. Pure.

    OPEN ──decide──▶ DECIDED ──(nobody appeals in time)──▶ CLOSED
                        └──appeal──▶ APPEALED ──decide──▶ CLOSED

The first decision can be appealed by either side, once; the second is final. 28 days each unless
set otherwise (`limits`), as in the field's codes of practice (CLAIMS, "appeal").
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.clock import rfc3339
from parking.errors import Conflict, InvalidInput, NotPermitted
from parking.settlement.disputes.records import DisputeRecord
from parking.settlement.kinds import DisputeState
from parking.settlement.records import SettlementRecord
from parking.settlement.rules import acts_for_platform
from parking.settlement.split import Parts

ANSWER_WITHIN = timedelta(days=28)
"""The platform's own time for a decision, after the opening and again after an appeal; shown, and
no dispute is closed by it."""
REASON_CHARACTERS_MAX = 1_000
EVIDENCE_CHARACTERS_MAX = 4_000
EVIDENCE_PER_PARTY_MAX = 20
"""Each side has its own, so that none can use up the other's."""

RAIL = "RAIL"


class DisputeParty(StrEnum):
    """As whom somebody speaks in a dispute."""

    DRIVER = "DRIVER"
    OWNER = "OWNER"
    OPERATOR = "OPERATOR"
    PLATFORM = "PLATFORM"


SIDES = frozenset({DisputeParty.DRIVER, DisputeParty.OWNER})
"""Who may open a dispute, and appeal."""


class DisputeStep(StrEnum):
    """What can happen to a dispute."""

    DECIDE = "DECIDE"
    APPEAL = "APPEAL"
    CLOSE = "CLOSE"


MACHINE: Mapping[DisputeStep, Mapping[DisputeState, DisputeState]] = {
    DisputeStep.DECIDE: {
        DisputeState.OPEN: DisputeState.DECIDED,
        DisputeState.APPEALED: DisputeState.CLOSED,
    },
    DisputeStep.APPEAL: {DisputeState.DECIDED: DisputeState.APPEALED},
    DisputeStep.CLOSE: {DisputeState.DECIDED: DisputeState.CLOSED},
}


def next_dispute_state(step: DisputeStep, dispute: DisputeRecord) -> DisputeState:
    """The state after a step. Raises `Conflict` `WRONG_STATE`, also for what a bank decides."""
    if dispute.party == RAIL:
        raise Conflict("the driver's bank decides about a chargeback", code="WRONG_STATE")
    following = MACHINE[step].get(dispute.state)
    if following is None:
        wanted = " or ".join(sorted(MACHINE[step]))
        raise Conflict(
            f"the dispute is {dispute.state}; this needs one that is {wanted}", code="WRONG_STATE"
        )
    return following


def speaks_as(viewer: Viewer, about: SettlementRecord | DisputeRecord) -> DisputeParty | None:
    """As whom the viewer takes part; None for who may only look (by a link) and for strangers.

    Who is a party is no judge: the platform's role counts only where no other does.
    """
    if viewer.api_key_id is not None or viewer.link_of is not None:
        return None
    if viewer.person_id is not None and viewer.person_id == about.person_id:
        return DisputeParty.DRIVER
    if _holds(viewer, about.organisation_id, Role.OWNER, Role.OPERATOR):
        return DisputeParty.OWNER
    if _holds(viewer, about.operator_id, Role.OPERATOR):
        return DisputeParty.OPERATOR
    return DisputeParty.PLATFORM if acts_for_platform(viewer) else None


def require_side(viewer: Viewer, about: SettlementRecord | DisputeRecord) -> DisputeParty:
    """DRIVER or OWNER, who may open and appeal. Raises `NotPermitted`."""
    party = speaks_as(viewer, about)
    if party not in SIDES:
        raise NotPermitted("only the driver and the space's owner may do this, signed in")
    return party


def require_speaker(viewer: Viewer, dispute: DisputeRecord) -> DisputeParty:
    """Whoever takes part. Raises `NotPermitted` for who may only look."""
    party = speaks_as(viewer, dispute)
    if party is None:
        raise NotPermitted("only who takes part in the dispute may do this, signed in")
    return party


def require_judge(viewer: Viewer, dispute: DisputeRecord) -> None:
    """Raises `NotPermitted`, with the code `OWN_DISPUTE` for who is a party themselves."""
    party = speaks_as(viewer, dispute)
    if party is DisputeParty.PLATFORM:
        return
    if acts_for_platform(viewer):
        raise NotPermitted(
            "you are a party to this dispute; somebody else decides it", code="OWN_DISPUTE"
        )
    raise NotPermitted("only the platform decides disputes")


def require_still_disputable(settled_at: datetime, now: datetime, within: timedelta) -> None:
    """Raises `Conflict` `TOO_LATE`; at the very end it is too late."""
    until = settled_at + within
    if now >= until:
        raise Conflict(f"this could be disputed until {rfc3339(until)}", code="TOO_LATE")


def require_still_appealable(dispute: DisputeRecord, now: datetime) -> None:
    """Raises `Conflict` `TOO_LATE`, also before a worker has closed it."""
    until = dispute.appeal_until
    if until is not None and now >= until:
        raise Conflict(f"this could be appealed until {rfc3339(until)}", code="TOO_LATE")


def driver_part_minor(settlement: SettlementRecord, left: Parts) -> int:
    """So much of what is `left` with the parties can still go back to the driver: what merchants
    paid is not theirs."""
    return max(left.whole_minor - settlement.validation_minor, 0)


def checked_amount(field: str, amount_minor: int, low: int, high: int) -> int:
    """The amount, within both. Raises `InvalidInput`."""
    if not low <= amount_minor <= high:
        message = f"it is {amount_minor} minor units; give from {low} to {high}"
        raise InvalidInput(field, message)
    return amount_minor


def checked_words(field: str, text: str, characters_max: int) -> str:
    """Free text in lines. Raises `InvalidInput` for none, too much, or control characters."""
    plain = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not plain:
        raise InvalidInput(field, f"{field} is empty; say it in a few words")
    if len(plain) > characters_max:
        message = f"{field} has {len(plain)} characters; at most {characters_max} fit"
        raise InvalidInput(field, message)
    if not plain.replace("\n", "").replace("\t", "").isprintable():
        raise InvalidInput(field, f"{field} has control characters; remove them")
    return plain


def answer_until(dispute: DisputeRecord) -> datetime | None:
    """Until when the platform is to decide; None when it has."""
    match dispute.state:
        case DisputeState.OPEN:
            return dispute.opened_at + ANSWER_WITHIN
        case DisputeState.APPEALED if dispute.appealed_at is not None:
            return dispute.appealed_at + ANSWER_WITHIN
        case _:
            return None


def _holds(viewer: Viewer, organisation_id: int, *roles: Role) -> bool:
    return not viewer.roles.get(organisation_id, frozenset()).isdisjoint(roles)
