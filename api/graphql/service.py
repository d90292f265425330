"""What the transports have in common, wired once."""

from dataclasses import dataclass

from api.graphql.answers import Answer, Answers
from api.graphql.hub import Hub
from api.graphql.limits import Limits
from api.graphql.plans import Plan, Planner
from api.graphql.presence import Presence
from api.graphql.running import Runner
from schema.execution import Authenticate, Transport, Viewer


@dataclass(frozen=True, slots=True)
class Service:
    """One schema, ready to serve."""

    planner: Planner
    runner: Runner
    answers: Answers | None
    hub: Hub
    presence: Presence
    authenticate: Authenticate
    limits: Limits

    async def kept_answer(self, plan: Plan, viewer: Viewer, transport: Transport) -> Answer:
        """The answer of a query or a mutation, kept or run now."""
        if plan.tags is None or self.answers is None:
            body, _ = await self.runner.answer(plan, viewer, transport)
            return Answer(body)
        key = (plan.key, viewer.visibility)
        return await self.answers.answer(
            key, plan.tags, lambda: self.runner.answer(plan, viewer, transport)
        )

    async def answer(self, plan: Plan, viewer: Viewer, transport: Transport) -> bytes:
        """The encoded answer of a query or a mutation."""
        return (await self.kept_answer(plan, viewer, transport)).body
