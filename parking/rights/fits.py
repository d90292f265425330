"""Whether a specification can be granted under a contract. Pure.

Said when a code is made and again when a specification or a contract's budget changes, so that what
granting relies on (one currency, a known limit of what a right costs) holds at any time.
"""

from collections.abc import Mapping

from parking.errors import Conflict
from parking.rights.content import NewSpecification
from parking.rights.records import ContractRecord
from parking.rights.worth import most_minor


def require_fit(
    specification: NewSpecification, contract: ContractRecord, operators: Mapping[int, int]
) -> None:
    """Raises Conflict `CURRENCY_DIFFERS`, `BUDGET_NEEDS_LIMIT`, or `PLACE_OF_ANOTHER_OPERATOR`.

    `operators` says who runs the places of the specification's terms; one that is missing there is
    out of use, and harms nobody.
    """
    if specification.currency != contract.currency:
        message = (
            f"the specification is in {specification.currency}, the contract in"
            f" {contract.currency}; make a specification in that currency"
        )
        raise Conflict(message, code="CURRENCY_DIFFERS")
    require_limited(specification, contract)
    for place_id in specification.terms.places:
        if operators.get(place_id, contract.operator_id) != contract.operator_id:
            message = (
                "a place of the specification is run by somebody else than the contract's place;"
                " take it out, or make a specification for it alone"
            )
            raise Conflict(message, code="PLACE_OF_ANOTHER_OPERATOR")


def require_limited(specification: NewSpecification, contract: ContractRecord) -> None:
    """Raises Conflict `BUDGET_NEEDS_LIMIT` where the contract has a budget and nobody can say what
    a right costs at most."""
    most = most_minor(
        specification.kind,
        specification.value,
        specification.worth_max_minor,
        contract.worth_max_minor,
        contract.price_minor,
    )
    if contract.budget_minor is not None and most is None:
        message = (
            "the contract has a budget, so it must be known what a right costs at most; give"
            f" {specification.name!r} a worthMax, or make a contract with one"
        )
        raise Conflict(message, code="BUDGET_NEEDS_LIMIT")
