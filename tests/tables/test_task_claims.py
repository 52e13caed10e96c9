"""Workers that share the queue of tasks."""

import asyncio
import random
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from wave_data import InvalidTransition, InvalidValue, NotFound, OutcomeUnknown, StaleClaim, tasks

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def task(still_db):
    return await tasks.create(still_db, "Count the stars", "research")


@pytest.fixture
async def claim(still_db, task):
    [claim] = await tasks.claim(still_db, "worker-1", lease=MINUTE)
    return claim


# Claiming


async def test_a_claim_starts_the_task_under_a_lease(still_db, clock, task):
    [claim] = await tasks.claim(still_db, "worker-1", lease=MINUTE)
    assert claim == task.model_copy(
        update={
            "status": "running",
            "started_at": clock(),
            "claimed_by": "worker-1",
            "lease_expires_at": clock() + MINUTE,
            "attempts": 1,
            "fence": 1,
            "updated_at": clock(),
        }
    )
    assert await tasks.get(still_db, task.id) == claim


async def test_a_lease_is_five_minutes_by_default(still_db, clock, task):
    [claim] = await tasks.claim(still_db, "worker-1")
    assert claim.lease_expires_at == clock() + timedelta(minutes=5)


async def test_an_empty_queue_gives_nothing(still_db):
    assert await tasks.claim(still_db, "worker-1", limit=10) == []


async def test_a_claimed_task_is_nobody_elses(still_db, claim):
    assert await tasks.claim(still_db, "worker-2") == []
    assert await tasks.claim(still_db, "worker-1") == []


async def test_the_oldest_tasks_are_claimed_first(still_db):
    made = [await tasks.create(still_db, f"Task {number}", "research") for number in range(5)]
    first = await tasks.claim(still_db, "worker-1", limit=2)
    second = await tasks.claim(still_db, "worker-2", limit=10)
    assert {claim.id for claim in first} == {task.id for task in made[:2]}
    assert {claim.id for claim in second} == {task.id for task in made[2:]}


async def test_only_pending_tasks_are_claimed(still_db):
    started, failed, cancelled = [await tasks.create(still_db, f"Task {n}", "research") for n in range(3)]
    await tasks.start(still_db, started.id)
    await tasks.fail(still_db, failed.id, "broken")
    await tasks.cancel(still_db, cancelled.id)
    assert await tasks.claim(still_db, "worker-1", limit=10) == []


async def test_a_task_started_without_a_lease_is_never_claimed(still_db, clock, task):
    await tasks.start(still_db, task.id)
    clock.advance(timedelta(days=365))
    assert await tasks.claim(still_db, "worker-1") == []


@pytest.mark.parametrize(
    "arguments",
    [
        {"worker": ""},
        {"worker": "a" * 256},
        {"limit": 0},
        {"limit": 1001},
        {"lease": timedelta(0)},
        {"lease": -MINUTE},
        {"lease": timedelta.max},
        {"lease": 60},
    ],
    ids=str,
)
async def test_claim_refuses(still_db, task, arguments):
    with pytest.raises(InvalidValue):
        await tasks.claim(still_db, **{"worker": "worker-1"} | arguments)


# Ending a claimed task


async def test_a_claim_completes_its_task(still_db, claim):
    done = await tasks.complete(still_db, claim.id, claim.fence)
    assert (done.status, done.claimed_by, done.lease_expires_at) == ("completed", "worker-1", None)


async def test_a_claim_fails_its_task(still_db, claim):
    failed = await tasks.fail(still_db, claim.id, "broken", claim.fence)
    assert (failed.status, failed.error, failed.lease_expires_at) == ("failed", "broken", None)


async def operate(db, operation, claim, fence):
    """End or hold the claimed task; the fence does for the claim."""
    match operation:
        case "complete":
            return await tasks.complete(db, claim.id, fence)
        case "fail":
            return await tasks.fail(db, claim.id, "broken", fence)
        case "heartbeat":
            return await tasks.heartbeat(db, claim.model_copy(update={"fence": fence}), MINUTE)
        case _:
            return await tasks.release(db, claim.model_copy(update={"fence": fence}))


OPERATIONS = ("complete", "fail", "heartbeat", "release")


async def assert_stale(db, operation, claim, fence, current):
    before = await tasks.get(db, claim.id)
    with pytest.raises(StaleClaim) as caught:
        await operate(db, operation, claim, fence)
    assert (caught.value.entity, caught.value.key) == ("task", claim.id)
    assert (caught.value.current, caught.value.fence) == (current, fence)
    assert await tasks.get(db, claim.id) == before


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_claim_whose_lease_ran_out_is_stale(still_db, clock, claim, operation):
    clock.advance(MINUTE)
    await assert_stale(still_db, operation, claim, claim.fence, "running")


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_claim_is_stale_once_another_has_the_task(still_db, clock, claim, operation):
    clock.advance(MINUTE)
    [newer] = await tasks.claim(still_db, "worker-2", lease=MINUTE)
    assert newer.fence == claim.fence + 1
    await assert_stale(still_db, operation, claim, claim.fence, "running")
    await operate(still_db, operation, newer, newer.fence)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_claim_is_stale_once_it_is_released(still_db, claim, operation):
    await tasks.release(still_db, claim)
    await assert_stale(still_db, operation, claim, claim.fence, "pending")
    await tasks.start(still_db, claim.id)
    await assert_stale(still_db, operation, claim, claim.fence, "running")


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_claim_is_stale_once_the_task_has_ended(still_db, claim, operation):
    await tasks.cancel(still_db, claim.id)
    await assert_stale(still_db, operation, claim, claim.fence, "cancelled")


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_the_fence_of_another_claim_is_stale(still_db, claim, operation):
    await assert_stale(still_db, operation, claim, claim.fence + 1, "running")


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_claim_on_a_deleted_task_is_not_found(still_db, claim, operation):
    await tasks.delete(still_db, claim.id)
    with pytest.raises(NotFound):
        await operate(still_db, operation, claim, claim.fence)


@pytest.mark.parametrize("minutes", [0, 1])
@pytest.mark.parametrize("operation", ["complete", "fail"])
async def test_a_task_under_a_lease_ends_by_its_claim_only(still_db, clock, claim, operation, minutes):
    clock.advance(minutes * MINUTE)
    await assert_stale(still_db, operation, claim, None, "running")
    with pytest.raises(StaleClaim):
        await tasks.set_status(still_db, claim.id, "completed")


async def test_an_ended_task_refuses_to_end_again_without_a_claim(still_db, claim):
    await tasks.complete(still_db, claim.id, claim.fence)
    with pytest.raises(InvalidTransition):
        await tasks.complete(still_db, claim.id)


async def test_a_claimed_task_can_be_cancelled_by_anybody(still_db, claim):
    cancelled = await tasks.cancel(still_db, claim.id)
    assert (cancelled.status, cancelled.lease_expires_at) == ("cancelled", None)


async def test_a_stale_claim_says_what_is_the_matter(still_db, clock, claim):
    clock.advance(MINUTE)
    with pytest.raises(
        StaleClaim, match=f"task {claim.id} is running, and the claim with the fence 1 does not hold it"
    ):
        await tasks.complete(still_db, claim.id, claim.fence)
    with pytest.raises(StaleClaim, match=f"task {claim.id} is running under a lease; give the fence of the claim"):
        await tasks.complete(still_db, claim.id)


# Holding and giving back


async def test_a_heartbeat_puts_the_end_of_the_lease_off(still_db, clock, claim):
    clock.advance(MINUTE / 2)
    held = await tasks.heartbeat(still_db, claim, lease=MINUTE)
    assert held == claim.model_copy(update={"lease_expires_at": clock() + MINUTE, "updated_at": clock()})
    clock.advance(MINUTE / 2)
    assert await tasks.claim(still_db, "worker-2") == []
    assert (await tasks.complete(still_db, claim.id, claim.fence)).status == "completed"


async def test_a_released_task_goes_back_to_the_queue_without_having_been_tried(still_db, claim):
    released = await tasks.release(still_db, claim)
    assert (released.status, released.started_at, released.claimed_by) == ("pending", None, None)
    assert (released.lease_expires_at, released.attempts, released.fence) == (None, 0, 1)
    [again] = await tasks.claim(still_db, "worker-2")
    assert (again.id, again.attempts, again.fence) == (claim.id, 1, 2)


# Leases that run out


async def test_an_expired_task_is_claimed_again_before_pending_ones(still_db, clock, claim):
    await tasks.create(still_db, "Weigh the moon", "research")
    clock.advance(MINUTE)
    [again] = await tasks.claim(still_db, "worker-2", lease=MINUTE)
    assert (again.id, again.claimed_by, again.attempts) == (claim.id, "worker-2", 2)
    assert again.started_at == claim.started_at


async def test_both_arms_share_the_limit(still_db, clock, claim):
    await tasks.create(still_db, "Weigh the moon", "research")
    await tasks.create(still_db, "Wind the clock", "research")
    clock.advance(MINUTE)
    assert [len(await tasks.claim(still_db, "worker-2", limit=2)) for _ in range(3)] == [2, 1, 0]


async def exhaust(db, clock, task):
    """Let the leases of all attempts of a task run out."""
    for attempt in range(task.max_attempts):
        [claim] = await tasks.claim(db, f"worker-{attempt}", lease=MINUTE)
        assert (claim.id, claim.attempts) == (task.id, attempt + 1)
        clock.advance(MINUTE)


async def test_a_task_whose_attempts_are_used_up_fails(still_db, clock, task):
    await exhaust(still_db, clock, task)
    assert await tasks.claim(still_db, "worker-9") == []
    failed = await tasks.get(still_db, task.id)
    assert (failed.status, failed.completed_at, failed.error) == ("failed", clock(), "the lease of attempt 3 ran out")
    assert (failed.claimed_by, failed.lease_expires_at, failed.attempts) == ("worker-2", None, 3)


async def test_a_failing_task_does_not_stand_in_the_way_of_others(still_db, clock, task):
    await exhaust(still_db, clock, task)
    other = await tasks.create(still_db, "Weigh the moon", "research")
    assert [claim.id for claim in await tasks.claim(still_db, "worker-9")] == [other.id]


async def test_a_retried_task_has_all_its_attempts_again(still_db, clock, task):
    await exhaust(still_db, clock, task)
    await tasks.claim(still_db, "worker-9")
    retried = await tasks.retry(still_db, task.id)
    assert (retried.status, retried.attempts, retried.claimed_by, retried.fence) == ("pending", 0, None, 4)
    [claim] = await tasks.claim(still_db, "worker-9")
    assert (claim.attempts, claim.fence) == (1, 5)


async def test_one_attempt_is_one_claim(still_db, clock):
    task = await tasks.create(still_db, "Count the stars", "research", max_attempts=1)
    await exhaust(still_db, clock, task)
    assert await tasks.claim(still_db, "worker-2") == []
    assert (await tasks.get(still_db, task.id)).status == "failed"


# Many workers


@pytest.mark.parametrize("limit", [1, 7])
async def test_of_many_workers_each_gets_tasks_of_its_own(db, limit):
    made = [await tasks.create(db, f"Task {number}", "research") for number in range(50)]
    claims = await asyncio.gather(*(tasks.claim(db, f"worker-{n}", limit) for n in range(60 // limit)))
    claimed = Counter(claim.id for batch in claims for claim in batch)
    assert set(claimed.values()) == {1}
    assert claimed.keys() <= {task.id for task in made}


class Crew:
    """Workers that claim and complete tasks, of whom some fall silent and some are stopped."""

    def __init__(self, db, seed):
        self.db = db
        self.chance = random.Random(seed)
        self.done = Counter()
        self.silent = []

    async def work(self, worker):
        while claims := await tasks.claim(self.db, worker, self.chance.randint(1, 10), MINUTE):
            for place, claim in enumerate(claims):
                if self.chance.random() < 0.01:
                    self.silent += claims[place:]
                    return
                await tasks.complete(self.db, claim.id, claim.fence)
                self.done[claim.id] += 1

    async def shift(self, name):
        """Let twenty workers work, and stop five of them when the first one is through."""
        workers = [asyncio.create_task(self.work(f"{name}-{number}")) for number in range(20)]
        await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED)
        for worker in self.chance.sample(workers, 5):
            worker.cancel()
        for outcome in await asyncio.gather(*workers, return_exceptions=True):
            assert outcome is None or isinstance(outcome, asyncio.CancelledError | OutcomeUnknown)


async def test_twenty_workers_do_every_task_once_though_some_are_stopped(connect_store, clock):
    db = await connect_store(clock=clock)
    number = 2_000
    async with db.transaction() as tx:
        for task in range(number):
            await tasks.create(tx, f"Task {task}", "research", max_attempts=100)
    crew, shifts = Crew(db, seed=5), 0
    while await tasks.count(db, status="completed") < number:
        await crew.shift(f"shift-{shifts}")
        clock.advance(MINUTE)
        for claim in crew.silent:
            with pytest.raises(StaleClaim):
                await tasks.complete(db, claim.id, claim.fence)
        shifts += 1
    assert (shifts > 1, len(crew.silent) > 20) == (True, True)
    assert set(crew.done.values()) == {1}
    assert await tasks.count(db) == number


PROCESS = """
import asyncio, itertools, sys
from datetime import timedelta
from wave_data import StaleClaim, connect, tasks

done = itertools.count(1)

async def work(db, worker, most):
    while claims := await tasks.claim(db, worker, 5, timedelta(seconds=1)):
        for claim in claims:
            try:
                await tasks.complete(db, claim.id, claim.fence)
            except StaleClaim:
                continue
            print(claim.id, flush=True)
            if next(done) >= most:
                await asyncio.Event().wait()

async def main(url, name, most):
    async with connect(url) as db:
        await asyncio.gather(*(work(db, f"{name}-{number}", int(most)) for number in range(5)))

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("store", ["sqlite-file", "postgres"])
async def test_processes_that_are_killed_lose_nothing(db, database_url):
    number = 600
    async with db.transaction() as tx:
        for task in range(number):
            await tasks.create(tx, f"Task {task}", "research", max_attempts=100)
    start = partial(asyncio.create_subprocess_exec, sys.executable, "-c", PROCESS, database_url, stdout=PIPE)
    killed = await start("killed", "20")
    done = [await killed.stdout.readline() for _ in range(20)]
    killed.kill()
    for process in (killed, await start("spared", "600")):
        done += (await process.communicate())[0].splitlines(keepends=True)
    while await tasks.count(db, status="completed") < number:
        for claim in await tasks.claim(db, "heir", 100):
            await tasks.complete(db, claim.id, claim.fence)
            done.append(f"{claim.id}\n".encode())
    told = Counter(line for line in done if line.endswith(b"\n"))
    assert set(told.values()) == {1}
    assert await tasks.count(db) == number


async def test_absent_claims_are_not_found(db):
    with pytest.raises(NotFound):
        await tasks.complete(db, uuid4(), 1)
