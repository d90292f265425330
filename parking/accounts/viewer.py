"""Who is asking: the value that every rule of "who may" decides on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from parking.accounts.models import Role

NO_ROLES: Mapping[int, frozenset[Role]] = {}


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person, an organisation's system (API key), the platform itself, or nobody.

    `roles` maps organisation id to the roles held there. `scopes` limit an API key; a person has
    none and is not limited. `valid_until` is when the proof of identity runs out, or None.
    """

    person_id: int | None = None
    api_key_id: int | None = None
    is_system: bool = False
    roles: Mapping[int, frozenset[Role]] = field(default_factory=lambda: NO_ROLES)
    scopes: frozenset[str] = frozenset()
    valid_until: datetime | None = None
    sign_in: str | None = None
    """The refresh-token family behind an access token, by which a live socket is ended."""
    link_of: int | None = None
    """The reservation whose link stands in for its driver's sign-in."""
    enrolment_of: int | None = None
    """The enrolment (`parking.vehicles`) whose vehicle code stands in for its driver's sign-in."""
    token_of: str | None = None
    """What an unguessable address stands for, such as `position_link:12`: whoever has it is nobody
    in particular, and has idempotency keys of its own."""
    hook_id: int | None = None
    """The hook (`parking.merchants`) that signed for an order system; limited by `scopes`, too."""

    @property
    def is_anonymous(self) -> bool:
        has_none = self.person_id is None and self.api_key_id is None and self.hook_id is None
        return has_none and self.token_of is None and not self.is_system

    @property
    def actor(self) -> str:
        """The name in audit trails and idempotency keys: `person:7`, `api_key:3`, `system`; and
        `link:12` for who holds a booking's link, `vehicle:9` for who gave the code of an enrolment:
        their keys are not the driver's own; `hook:4` for who signed with a merchant's hook."""
        if self.token_of is not None:
            return self.token_of
        named = (
            ("link", self.link_of),
            ("vehicle", self.enrolment_of),
            ("person", self.person_id),
            ("api_key", self.api_key_id),
            ("hook", self.hook_id),
        )
        for kind, key in named:
            if key is not None:
                return f"{kind}:{key}"
        return "system" if self.is_system else "anonymous"

    @property
    def is_stand_in(self) -> bool:
        """Whether something stands in for the person's sign-in, and so is for one object only."""
        held = (self.link_of, self.enrolment_of, self.token_of)
        return any(each is not None for each in held)

    def has_role(self, organisation_id: int, *roles: Role) -> bool:
        """Whether the viewer holds one of `roles` in the organisation; the system holds all."""
        return self.is_system or not self.roles.get(organisation_id, frozenset()).isdisjoint(roles)

    @property
    def is_platform(self) -> bool:
        """Whether the viewer works for the platform as a whole (`Role.PLATFORM`, held anywhere)."""
        return self.is_system or any(Role.PLATFORM in held for held in self.roles.values())

    def organisations(self, *roles: Role) -> frozenset[int]:
        """The organisations in which the viewer holds one of `roles`."""
        return frozenset(o for o, held in self.roles.items() if not held.isdisjoint(roles))


ANONYMOUS = Viewer()
SYSTEM = Viewer(is_system=True)
