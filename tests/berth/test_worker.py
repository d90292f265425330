"""The worker: jobs at their intervals, none of which can end the others."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from berth.worker import Job, Worker, pause_after


@pytest.mark.parametrize(
    ("failures", "every_seconds", "pause"),
    [
        (1, 0.5, 1.0),
        (2, 0.5, 2.0),
        (5, 0.5, 16.0),
        (50, 0.5, 60.0),
        (1, 5.0, 5.0),
        (1, 3600.0, 60.0),
        (10_000, 3600.0, 60.0),
    ],
)
def test_a_failing_job_waits_longer_and_longer(
    failures: int, every_seconds: float, pause: float
) -> None:
    assert pause_after(failures, every_seconds) == pause


async def work(jobs: list[Job], until: Callable[[], bool]) -> Worker:
    """Run jobs until something holds."""
    worker = Worker(jobs)
    worker.start()
    async with asyncio.timeout(5):
        while not until():  # noqa: ASYNC110 - jobs set nothing
            await asyncio.sleep(0.001)
    await worker.stop()
    return worker


def counting(runs: Counter[str], name: str, gives: int = 0) -> Callable[[], Awaitable[int]]:
    async def run() -> int:
        runs[name] += 1
        return gives

    return run


async def test_every_job_runs_at_once_and_then_at_its_interval() -> None:
    runs: Counter[str] = Counter()
    jobs = [
        Job("often", 0.005, counting(runs, "often")),
        Job("rarely", 60.0, counting(runs, "rarely")),
    ]
    await work(jobs, lambda: runs["often"] >= 5)
    assert runs["rarely"] == 1


async def test_a_full_lot_is_followed_by_the_next_without_waiting() -> None:
    runs: Counter[str] = Counter()

    async def run() -> int:
        runs["lots"] += 1
        return 10 if runs["lots"] < 4 else 3

    worker = await work([Job("lots", 60.0, run, lot=10)], lambda: runs["lots"] >= 4)
    assert worker.records["lots"].done == 33


async def test_a_failing_job_ends_neither_itself_nor_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("berth.worker.BACKOFF_SECONDS_MIN", 0.001)
    runs: Counter[str] = Counter()

    async def fails_twice() -> int:
        runs["failing"] += 1
        if runs["failing"] <= 2:
            raise OSError("the database is away")
        return 1

    jobs = [Job("failing", 0.001, fails_twice), Job("other", 0.001, counting(runs, "other"))]
    worker = await work(jobs, lambda: runs["failing"] > 3 and runs["other"] > 3)
    record = worker.records["failing"]
    assert (record.failed, record.failures) == (2, 0)
    assert caplog.text.count("the database is away") >= 2
    assert caplog.text.count("Traceback") == 1, "only the first failure in a row shows its trace"


async def test_stopping_lets_a_job_under_way_finish() -> None:
    started, finished = asyncio.Event(), []

    async def slow() -> int:
        started.set()
        await asyncio.sleep(0.05)
        finished.append(True)
        return 1

    worker = Worker([Job("slow", 60.0, slow)])
    worker.start()
    await started.wait()
    await worker.stop()
    assert finished


async def test_stopping_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("berth.worker.FINISH_SECONDS_MAX", 0.01)
    worker = Worker([Job("stuck", 60.0, lambda: asyncio.sleep(3600, 0))])
    worker.start()
    await asyncio.sleep(0)
    async with asyncio.timeout(2):
        await worker.stop()


async def test_what_jobs_did_is_told_as_metrics() -> None:
    runs: Counter[str] = Counter()
    worker = await work([Job("seven", 60.0, counting(runs, "seven", 7))], lambda: bool(runs))
    values = {metric.name: metric.value for metric in worker.metrics()}
    assert values["job_done_total"] == 7
    assert values["job_failures_total"] == 0
