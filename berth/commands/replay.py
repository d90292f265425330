"""`berth replay`: a recorded trace drives virtual sensors; the outcome is compared with it."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from berth.addresses import reachable
from berth.console import NOTES, Steps, print_json, steps
from berth.flags import STORE, Duplicate, Loss, Reorder, takes_settings
from berth.replay.trace import TraceFormat
from berth.settings import Settings

if TYPE_CHECKING:
    from berth.replay.booked_plan import BookedPlan
    from berth.replay.run import Plan

R = TypeVar("R")

DIFFERENT = 1
INTERRUPTED = 130
LOCK_EVERY = 2
ACK_TIMEOUT_SECONDS = 2.0
"""RFC 7252 section 4.8: ACK_TIMEOUT."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay", rich_help_panel="Try")(replay)


@takes_settings(*STORE, "redis_url", "host", "port", "coap_host", "coap_port")
def replay(  # noqa: PLR0913 - each is a flag
    settings: Settings,
    file: Annotated[Path, typer.Argument(help="The trace: CSV, or CSV in gzip.")],
    trace_format: Annotated[
        TraceFormat | None,
        typer.Option("--format", case_sensitive=False, help="Told from the header otherwise."),
    ] = None,
    speed: Annotated[
        str, typer.Option(help="How many times as fast as it happened, or max.", metavar="N|max")
    ] = "max",
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only so many stays, by arrival.")
    ] = None,
    month: Annotated[str | None, typer.Option(help="Only this month, such as 2019-10.")] = None,
    starts: Annotated[
        str | None, typer.Option("--from", help="Only from this local day or month on.")
    ] = None,
    ends: Annotated[
        str | None, typer.Option("--until", help="Only until before this local day or month.")
    ] = None,
    place: Annotated[
        str | None, typer.Option(help="Name of the place to replay into; made if need be.")
    ] = None,
    time_zone: Annotated[
        str | None, typer.Option(help="IANA zone of the place and of days. Default: the format's.")
    ] = None,
    gateway: Annotated[
        list[str] | None,
        typer.Option(help="A gateway; several share the sensors. Default: the settings'."),
    ] = None,
    api: Annotated[
        list[str] | None,
        typer.Option(help="An API to subscribe to; several are each watched."),
    ] = None,
    loss: Loss = 0.0,
    duplicate: Duplicate = 0.0,
    reorder: Reorder = 0.0,
    seed: Annotated[int | None, typer.Option(help="Makes losses repeatable.")] = None,
    ack_timeout: Annotated[
        float,
        typer.Option(min=0.05, max=60, help="Seconds until a sensor first sends again."),
    ] = ACK_TIMEOUT_SECONDS,
    partial: Annotated[
        bool, typer.Option("--partial", help="Leave out rows that cannot be read.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Retire the place of an earlier replay, make another.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Send nothing, only compare what is there.")
    ] = False,
    booked: Annotated[
        bool,
        typer.Option("--booked", help="Book each declared period first; on a platform of its own."),
    ] = False,
    lock_every: Annotated[
        int, typer.Option(min=0, help="With --booked: each Nth bay has a lock; 0: none.")
    ] = LOCK_EVERY,
    kills: Annotated[
        int,
        typer.Option(min=0, help="With --booked: so often a process of it is killed (kill -9)."),
    ] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Replay recorded arrivals and departures, and compare the outcome with the record.

    Makes a place with a virtual sensor in each space. The sensors report over UDP with OSCORE, with
    the times of the trace. At the end state, history and subscribers must be as the trace says:
    exit status 1 if anything differs. Stopped half-way, the same command goes on where it was.

    With --booked it starts a platform that lives in the time of the trace (in memory of this
    command, on a database that is thrown away unless BERTH_DATABASE_URL names an empty one). A
    driver of its own books each period that was declared on arrival; then cars come and go. At the
    end bookings, sessions, prices and locks must be as the trace says, too. With PostgreSQL and
    BERTH_REDIS_URL the API, the gateway and the worker are processes of their own, and each of the
    --kills ends one of them while the others go on.
    """
    from berth.replay.booked_planning import booked_plan_of
    from berth.replay.planning import Asked, api_of, plan_of
    from berth.simulate.links import gateways_of, link_of
    from parking.clock import SystemClock

    gateways = gateways_of(settings, gateway)
    apis = [api_of(each) for each in api or [f"http://{reachable(settings.host)}:{settings.port}"]]
    asked = Asked(
        file=file,
        trace_format=trace_format,
        starts=starts,
        ends=ends,
        month=month,
        limit=limit,
        place=place,
        time_zone=time_zone,
        speed=speed,
        partial=partial,
        is_fresh=fresh,
        is_check=check,
    )
    if booked:
        plan_booked = booked_plan_of(asked, lock_every, kills, seed or 1)
        raise typer.Exit(asyncio.run(_run_booked(settings, plan_booked, json=json)))
    link = link_of(gateways, loss, duplicate, reorder, seed, ack_timeout)
    plan = plan_of(asked, link, apis, SystemClock().now())
    status = asyncio.run(_run(settings, plan, json=json))
    if status:
        raise typer.Exit(status)


async def _run(settings: Settings, plan: "Plan", *, json: bool) -> int:
    from berth.replay.report import as_json, show
    from berth.replay.run import replay as replay_plan

    report = await _reported(settings, lambda told: replay_plan(settings, plan, told), json=json)
    if report is None:
        NOTES.print("Stopped. The same command goes on where it was.")
        return INTERRUPTED
    print_json(as_json(report)) if json else show(report)
    return 0 if report.is_same else DIFFERENT


async def _run_booked(settings: Settings, plan: "BookedPlan", *, json: bool) -> int:
    from berth.replay.booked import replay_booked
    from berth.replay.booked_report import as_json, show

    report = await _reported(settings, lambda told: replay_booked(settings, plan, told), json=json)
    if report is None:
        NOTES.print("Stopped. What there was is thrown away.")
        return INTERRUPTED
    print_json(as_json(report)) if json else show(report)
    return 0 if report.is_same else DIFFERENT


async def _reported(
    settings: Settings, work: Callable[[Steps], Coroutine[Any, Any, R]], *, json: bool
) -> R | None:
    """What the replay found, with its progress shown; None when it was stopped."""
    from berth.logs import set_up_logging
    from berth.stopping import Stopped, stop_on_signals, unless_stopped

    set_up_logging(settings)
    stopping = stop_on_signals()
    try:
        with steps(quiet=json) as told:
            return await unless_stopped(stopping, work(told))
    except Stopped:
        return None
