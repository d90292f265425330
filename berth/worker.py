"""The worker: work that becomes due by itself, each job at its own interval."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextvars import Context
from dataclasses import dataclass
from time import monotonic, time

from api.metrics import Metric

log = logging.getLogger(__name__)

BACKOFF_FACTOR = 2.0
BACKOFF_SECONDS_MAX = 60.0
"""A job that keeps failing is tried at least this often, or at its interval if that is longer."""
BACKOFF_SECONDS_MIN = 1.0
FINISH_SECONDS_MAX = 5.0
"""How long a job under way may take to finish when the worker stops; then it is cancelled."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work to be done every `every_seconds`. Several workers may do it at once.

    `run` does one lot and tells how many things it did; as many as `lot` means that there may be
    more, which is then done without waiting.
    """

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[int]]
    lot: int | None = None


@dataclass(slots=True)
class JobRecord:
    """What a job did in this process. `failures` counts in a row, `last_done_at` is Unix time."""

    runs: int = 0
    done: int = 0
    failed: int = 0
    failures: int = 0
    seconds: float = 0.0
    last_done_at: float = 0.0


class Worker:
    """Runs jobs until it is stopped; a failing job is logged and tried again, later and later."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = tuple(jobs)
        self.records = {job.name: JobRecord() for job in jobs}
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin all jobs, each with its first run now."""
        loop = asyncio.get_running_loop()
        for job in self._jobs:
            task = loop.create_task(self._repeat(job), name=f"job {job.name}", context=Context())
            self._tasks.append(task)

    async def stop(self) -> None:
        """Let what runs finish, within `FINISH_SECONDS_MAX`."""
        self._stopping.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=FINISH_SECONDS_MAX)
            for task in late:
                log.warning("%s did not finish in time and is cancelled", task.get_name())
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def run_once(self, name: str) -> int:
        """Run one job now; how many things it did. Raises what the job raises."""
        job = next(job for job in self._jobs if job.name == name)
        return await job.run()

    async def _repeat(self, job: Job) -> None:
        while not self._stopping.is_set():
            pause = await self._attempt(job)
            try:
                async with asyncio.timeout(pause):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    async def _attempt(self, job: Job) -> float:
        """One run; gives the seconds until the next."""
        record, began = self.records[job.name], monotonic()
        record.runs += 1
        try:
            done = await job.run()
        except Exception as error:  # noqa: BLE001 - no job may end the worker
            record.failed += 1
            record.failures += 1
            pause = pause_after(record.failures, job.every_seconds)
            _log_failure(job, record, error, pause)
            return pause
        finally:
            record.seconds += monotonic() - began
        if record.failures:
            log.info("job %s works again after %d failures", job.name, record.failures)
        record.failures, record.last_done_at = 0, time()
        record.done += done
        return 0.0 if job.lot is not None and done >= job.lot else job.every_seconds

    def metrics(self) -> Iterator[Metric]:
        """What the jobs did, for /metrics."""
        for name, record in self.records.items():
            job = {"job": name}
            yield Metric("job_runs_total", record.runs, "Runs of a worker's job.", labels=job)
            yield Metric("job_failures_total", record.failed, "Failed runs.", labels=job)
            yield Metric("job_done_total", record.done, "Things done by a job.", labels=job)
            yield Metric("job_seconds_total", record.seconds, "Time spent.", labels=job)
            yield Metric(
                "job_last_done_seconds", record.last_done_at, "Unix time.", "gauge", labels=job
            )


def pause_after(failures: int, every_seconds: float) -> float:
    """Seconds until a job is tried again that failed `failures` times in a row."""
    backoff = BACKOFF_SECONDS_MIN * BACKOFF_FACTOR ** min(failures - 1, 16)
    return max(min(backoff, BACKOFF_SECONDS_MAX), min(every_seconds, BACKOFF_SECONDS_MAX))


def _log_failure(job: Job, record: JobRecord, error: Exception, pause: float) -> None:
    """The first failure in a row with its traceback; the next ones as a line."""
    is_first = record.failures == 1
    log.warning(
        "job %s failed (%d in a row), next try in %.0f s: %s: %s",
        job.name,
        record.failures,
        pause,
        type(error).__name__,
        error,
        exc_info=error if is_first else None,
    )
