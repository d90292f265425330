"""The states of a contract between an issuer and a place, and who takes it to which. Pure."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from parking.accounts.viewer import Viewer
from parking.errors import Conflict, NotFound, NotPermitted
from parking.rights.kinds import ContractState
from parking.rights.records import ContractRecord
from parking.rights.rules import may_contract, may_run, may_see_contract


class Step(StrEnum):
    """What is done with a contract."""

    ACCEPT = "accept"
    DECLINE = "decline"
    END = "end"


_S = ContractState
AFTER: Mapping[Step, ContractState] = {
    Step.ACCEPT: _S.ACTIVE,
    Step.DECLINE: _S.DECLINED,
    Step.END: _S.ENDED,
}
FOLLOWING: Mapping[ContractState, frozenset[ContractState]] = {
    _S.OFFERED: frozenset({_S.ACTIVE, _S.DECLINED, _S.ENDED}),
    _S.ACTIVE: frozenset({_S.ENDED}),
    _S.DECLINED: frozenset(),
    _S.ENDED: frozenset(),
}
"""What is over stays so; who wants to go on makes a new contract."""


def _is_issuer(viewer: Viewer, contract: ContractRecord) -> bool:
    return may_contract(viewer, contract.issuer_id)


def _is_either(viewer: Viewer, contract: ContractRecord) -> bool:
    return _is_issuer(viewer, contract) or may_run(viewer, contract.operator_id)


_MAY: Mapping[Step, Callable[[Viewer, ContractRecord], bool]] = {
    Step.ACCEPT: _is_issuer,
    Step.DECLINE: _is_issuer,
    Step.END: _is_either,
}


def require_may(step: Step, viewer: Viewer, contract: ContractRecord) -> None:
    """Raises NotFound for who may not know of the contract, else NotPermitted."""
    if not may_see_contract(viewer, contract):
        raise NotFound("there is no such contract")
    if not _MAY[step](viewer, contract):
        who = "the issuer" if _MAY[step] is _is_issuer else "the issuer or who runs the place"
        raise NotPermitted(f"only people who act for {who} may {step} this contract")


def require_following(step: Step, state: ContractState) -> ContractState:
    """The state after the step. Raises Conflict `WRONG_STATE`."""
    wanted = AFTER[step]
    if wanted not in FOLLOWING[state]:
        may = ", ".join(sorted(FOLLOWING[state])) or "nothing else"
        raise Conflict(f"the contract is {state}; it can become {may}", code="WRONG_STATE")
    return wanted


def require_may_limit(
    viewer: Viewer, contract: ContractRecord, quota: int | None, budget_minor: int | None
) -> None:
    """Either side may lower quota and budget. Who runs the place may raise those of its own offer;
    of a contract in force only who pays may: the issuer, and where there is a price the operator
    as well, so that neither does it alone.

    Raises NotFound, NotPermitted.
    """
    if not may_see_contract(viewer, contract):
        raise NotFound("there is no such contract")
    if not _is_either(viewer, contract):
        raise NotPermitted("only people who act for issuer or operator may change this contract")
    if _is_more(quota, contract.quota) or _is_more(budget_minor, contract.budget_minor):
        _require_may_raise(viewer, contract)


def _require_may_raise(viewer: Viewer, contract: ContractRecord) -> None:
    runs = may_run(viewer, contract.operator_id)
    is_own = contract.issuer_id == contract.operator_id
    if is_own or contract.state is not ContractState.ACTIVE:
        if not runs:
            raise NotPermitted("you may only lower quota and budget; ask who runs the place")
        return
    if contract.price_minor is not None and not (runs and _is_issuer(viewer, contract)):
        raise NotPermitted(
            "both sides pay for each right, and neither may raise quota or budget alone; agree on"
            " one more contract"
        )
    if not _is_issuer(viewer, contract):
        raise NotPermitted("you may only lower quota and budget; ask the issuer, who pays")


def require_version(contract: ContractRecord, seen: int | None) -> None:
    """Raises Conflict `VERSION_CHANGED` for another version than was seen; None: any will do."""
    if seen is not None and seen != contract.version:
        message = f"the contract has changed, it is of version {contract.version}; read it again"
        raise Conflict(message, code="VERSION_CHANGED")


def require_not_below(
    contract: ContractRecord, quota: int | None, budget_minor: int | None
) -> None:
    """Raises Conflict `LIMIT_IN_USE` for less than what is granted or promised already."""
    if quota is not None and quota < contract.granted:
        message = f"{contract.granted} rights are granted already; give that many or more"
        raise Conflict(message, code="LIMIT_IN_USE")
    used = contract.committed_minor + contract.spent_minor
    if budget_minor is not None and budget_minor < used:
        message = f"{used} minor units are promised or paid already; give that much or more"
        raise Conflict(message, code="LIMIT_IN_USE")


def _is_more(wanted: int | None, present: int | None) -> bool:
    if present is None:
        return False
    return wanted is None or wanted > present
