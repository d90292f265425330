"""Who may issue, run and see rights. Pure.

Three sides: the issuer (a merchant, or the operator itself), who runs the place, and the driver who
holds a right. API keys act for their own organisation: `rights:write` lets a till make and revoke
codes and redeem at the gate, `rights:read` only look. What binds money (contracts, place rules) is
for people. The platform sees all, to help, and changes nothing.
"""

from parking.accounts.models import Role
from parking.accounts.rules import acts_in, may
from parking.accounts.scopes import Scope
from parking.accounts.viewer import Viewer
from parking.errors import NotFound, NotPermitted
from parking.rights.records import ContractRecord, RedemptionRecord, RightRecord

ISSUER_ROLES = (Role.MERCHANT, Role.OWNER, Role.OPERATOR)
"""Who acts for an organisation that gives parking to its customers."""
RUNNING_ROLES = (Role.OPERATOR,)
"""Who acts for the organisation that runs a place."""
GATE_ROLES = (Role.OPERATOR, Role.ATTENDANT)
"""Who stands at its gates."""


def may_issue(viewer: Viewer, organisation_id: int) -> bool:
    """Make and revoke specifications, codes and rights in an issuer's name."""
    return may(viewer, organisation_id, ISSUER_ROLES, Scope.RIGHTS_WRITE)


def may_contract(viewer: Viewer, issuer_id: int) -> bool:
    """Answer and end contracts in an issuer's name: its people, never an API key."""
    return viewer.api_key_id is None and viewer.has_role(issuer_id, *ISSUER_ROLES)


def may_run(viewer: Viewer, operator_id: int) -> bool:
    """Offer and change contracts, set the place's rule, make exit codes: the OPERATORs of the
    place, never an API key."""
    return viewer.api_key_id is None and viewer.has_role(operator_id, *RUNNING_ROLES)


def may_attend(viewer: Viewer, operator_id: int) -> bool:
    """Redeem for a vehicle that stands at the gate: OPERATORs, ATTENDANTs, and keys with
    `rights:write`."""
    return may(viewer, operator_id, GATE_ROLES, Scope.RIGHTS_WRITE)


def may_read_issued(viewer: Viewer, organisation_id: int) -> bool:
    """See what an issuer has made and granted, and what came of it."""
    reads = may(viewer, organisation_id, ISSUER_ROLES, Scope.RIGHTS_READ)
    return reads or may_issue(viewer, organisation_id) or viewer.is_platform


def may_read_run(viewer: Viewer, operator_id: int) -> bool:
    """See what is granted and redeemed at a place, and its contracts."""
    scopes = (Scope.RIGHTS_READ, Scope.RIGHTS_WRITE)
    reads = any(may(viewer, operator_id, RUNNING_ROLES, each) for each in scopes)
    return reads or viewer.is_platform


def may_read(viewer: Viewer, issuer_id: int, operator_id: int) -> bool:
    """See what an issuer does at an operator's place: both, and the platform."""
    return may_read_issued(viewer, issuer_id) or may_read_run(viewer, operator_id)


def may_see_contract(viewer: Viewer, contract: ContractRecord) -> bool:
    """The issuer, who runs the place, and the platform."""
    return may_read(viewer, contract.issuer_id, contract.operator_id)


def is_holder(viewer: Viewer, person_id: int, enrolment_id: int) -> bool:
    """Whether a right of this enrolment is the viewer's own: signed in, or by the vehicle's code.

    A booking's link is about that booking, not about its driver's rights.
    """
    if viewer.person_id != person_id or viewer.link_of is not None:
        return False
    return viewer.enrolment_of in (None, enrolment_id)


def may_see_right(viewer: Viewer, right: RightRecord) -> bool:
    """Its holder, its issuer, who runs the place, and the platform."""
    if is_holder(viewer, right.person_id, right.enrolment_id):
        return True
    return may_read(viewer, right.organisation_id, right.operator_id)


def may_see_redemption(viewer: Viewer, redemption: RedemptionRecord, enrolment_id: int) -> bool:
    """As of its right, which is of this enrolment."""
    if is_holder(viewer, redemption.person_id, enrolment_id):
        return True
    return may_read(viewer, redemption.organisation_id, redemption.operator_id)


def may_see_plate(viewer: Viewer, redemption: RedemptionRecord) -> bool:
    """Whose plate it was that a right was redeemed for: whoever drove, and who runs the place; not
    the issuer, who paid for a guest. Of redemptions that the viewer sees."""
    is_driver = viewer.person_id is not None and viewer.person_id == redemption.person_id
    return is_driver or may_read_run(viewer, redemption.operator_id)


def require_issuer(viewer: Viewer, organisation_id: int) -> None:
    """Raises `NotFound` for an organisation in which the viewer is nobody, else `NotPermitted`."""
    if may_issue(viewer, organisation_id):
        return
    if not acts_in(viewer, organisation_id):
        raise NotFound("there is no such organisation")
    raise NotPermitted(
        "only a MERCHANT, OWNER or OPERATOR of the organisation may do this, or an API key of it"
        f" with the scope {Scope.RIGHTS_WRITE.value}"
    )


def require_reader(viewer: Viewer, organisation_id: int) -> None:
    """Raises `NotFound` for who may not see what an issuer does."""
    if not may_read_issued(viewer, organisation_id):
        raise NotFound("there is no such organisation")


def issuing_organisations(viewer: Viewer) -> frozenset[int] | None:
    """The issuers whose doings the viewer may see; None means all of them."""
    if viewer.is_platform:
        return None
    return frozenset(each for each in viewer.roles if may_read_issued(viewer, each))


def running_organisations(viewer: Viewer) -> frozenset[int] | None:
    """The operators whose places' rights the viewer may see; None means all of them."""
    if viewer.is_platform:
        return None
    return frozenset(each for each in viewer.roles if may_read_run(viewer, each))
