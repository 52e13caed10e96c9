"""State machines and partial updates."""

import asyncio
import copy
import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from user_package import books

from wave_data import BudgetExceeded, Conflict, InvalidTransition, InvalidValue, NotFound
from wave_data.testing import FixedClock


async def test_a_transition_moves_the_row(db):
    book = await books.create(db, "Emma")
    published = await books.publish(db, book.id)
    assert published.status == "published"
    assert await books.get(db, book.id) == published


async def test_a_transition_from_one_of_several(db):
    book = await books.create(db, "Emma")
    await books.publish(db, book.id)
    assert (await books.withdraw(db, book.id)).status == "withdrawn"


async def test_a_transition_of_an_absent_row_is_not_found(db):
    with pytest.raises(NotFound):
        await books.publish(db, uuid4())


async def test_a_refused_transition_tells_what_is_allowed(db):
    book = await books.create(db, "Emma")
    await books.publish(db, book.id)
    expected = f"^book {book.id} is published and cannot become published; allowed from here: withdrawn$"
    with pytest.raises(InvalidTransition, match=expected) as caught:
        await books.publish(db, book.id)
    error = caught.value
    assert isinstance(error, Conflict)
    assert (error.entity, error.key) == ("book", book.id)
    assert (error.current, error.requested, error.allowed) == ("published", "published", ("withdrawn",))


async def test_a_final_status_allows_nothing(db):
    book = await books.create(db, "Emma")
    await books.withdraw(db, book.id)
    with pytest.raises(InvalidTransition, match="allowed from here: nothing: it is final") as caught:
        await books.publish(db, book.id)
    assert caught.value.allowed == ()


async def test_a_refused_transition_changes_nothing(db):
    book = await books.create(db, "Emma")
    withdrawn = await books.withdraw(db, book.id)
    with pytest.raises(InvalidTransition):
        await books.publish(db, book.id)
    assert await books.get(db, book.id) == withdrawn


async def test_of_two_racing_transitions_one_wins(db):
    book = await books.create(db, "Emma")
    results = await asyncio.gather(*(books.publish(db, book.id) for _ in range(8)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Book"] + ["InvalidTransition"] * 7


async def test_set_status_takes_the_transition_that_leads_there(db):
    book = await books.create(db, "Emma")
    published = await books.set_status(db, book.id, "published")
    assert (published.status, published.published_at is None) == ("published", False)


async def test_set_status_to_where_nothing_leads(db):
    book = await books.create(db, "Emma")
    await books.publish(db, book.id)
    with pytest.raises(InvalidTransition) as caught:
        await books.set_status(db, book.id, "draft")
    error = caught.value
    assert (error.current, error.requested, error.allowed) == ("published", "draft", ("withdrawn",))


async def test_set_status_of_an_absent_row_is_not_found(db):
    with pytest.raises(NotFound):
        await books.set_status(db, uuid4(), "published")


async def test_set_status_to_an_unknown_status(db):
    book = await books.create(db, "Emma")
    with pytest.raises(InvalidValue, match="'lost' is not one of draft, published, withdrawn"):
        await books.set_status(db, book.id, "lost")


def test_a_refused_transition_can_be_copied_and_pickled():
    error = InvalidTransition("book", "b-1", current="draft", requested="lost", allowed=["published"])
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (str(twin), twin.current, twin.requested, twin.allowed, twin.key) == (
            str(error),
            "draft",
            "lost",
            ("published",),
            "b-1",
        )


def test_every_error_can_be_pickled():
    budget = BudgetExceeded("too much", remaining=Decimal(1), entity="session", key=7)
    twin = pickle.loads(pickle.dumps(budget))
    assert (str(twin), twin.remaining, twin.entity, twin.key) == ("too much", Decimal(1), "session", 7)
    conflict = pickle.loads(pickle.dumps(Conflict("taken", entity="book", key=1, constraint="books_pkey")))
    assert (str(conflict), conflict.entity, conflict.key, conflict.constraint) == ("taken", "book", 1, "books_pkey")
    missing = pickle.loads(pickle.dumps(NotFound("book", 7)))
    assert (str(missing), missing.key) == ("book 7 not found", 7)


# Partial updates


async def test_an_update_changes_the_given_fields_only(connect_store):
    clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    db = await connect_store(clock=clock)
    book = await books.create(db, "Emma", score=5, weight=1.5)
    clock.advance(timedelta(hours=1))
    changed = await books.update(db, book.id, title="Emma Woodhouse")
    assert changed == book.model_copy(update={"title": "Emma Woodhouse", "updated_at": clock()})
    assert await books.get(db, book.id) == changed


async def test_an_update_clears_a_field_with_none(db):
    book = await books.create(db, "Emma", score=5, weight=1.5)
    changed = await books.update(db, book.id, score=None)
    assert (changed.score, changed.weight) == (None, 1.5)


async def test_an_update_with_no_field_leaves_the_row_as_it_is(connect_store):
    clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    db = await connect_store(clock=clock)
    book = await books.create(db, "Emma")
    clock.advance(timedelta(hours=1))
    assert await books.update(db, book.id) == book


@pytest.mark.parametrize("fields", [{}, {"title": "Emma"}])
async def test_an_update_of_an_absent_row_is_not_found(db, fields):
    with pytest.raises(NotFound):
        await books.update(db, uuid4(), **fields)


async def test_an_update_of_an_unknown_field_is_a_type_error(db):
    with pytest.raises(TypeError, match="colour"):
        await books.update(db, uuid4(), colour="red")


async def test_an_update_that_clears_a_field_which_is_not_null(db):
    book = await books.create(db, "Emma")
    with pytest.raises(InvalidValue, match=r"^books\.update: title: text was expected, not NoneType$"):
        await books.update(db, book.id, title=None)


async def test_a_wrong_field_is_named_and_not_one_that_was_left_out(db):
    book = await books.create(db, "Emma")
    with pytest.raises(InvalidValue, match=r"^books\.update: weight: a float was expected, not str$"):
        await books.update(db, book.id, weight="heavy")


# Handles, deletion marks and moves that stay

BY_TITLE = (
    """
-- name: find
SELECT id, title, status, published_at AS deleted_at FROM books
WHERE id = :id;

-- name: find_by_title
SELECT id, title, status, published_at AS deleted_at FROM books
WHERE title = :title;

-- name: publish
UPDATE books
SET status = 'published', updated_at = :now
WHERE title = :title AND status = 'draft' AND published_at IS NULL
RETURNING id, title, status, published_at AS deleted_at;

-- name: reprint
UPDATE books
SET status = 'published', pages = :pages, updated_at = :now
WHERE title = :title AND status = 'published' AND published_at IS NULL
RETURNING id, title, status, published_at AS deleted_at;
""",
    """
class Title(Record):
    id: UUID
    title: str
    status: Literal["draft", "published", "withdrawn"]
    deleted_at: UtcDatetime | None

@query
async def find(db: Executor, id: UUID) -> Title | None: ...

@query
async def find_by_title(db: Executor, title: str) -> Title | None: ...

@transition
async def publish(db: Executor, title: str) -> Title: ...

@transition
async def reprint(db: Executor, title: str, pages: Integer) -> Title: ...

async def set_status(db: Executor, title: str, status: str) -> Title:
    return await move(db, title, status, {"published": (publish,)})
""",
)


async def test_a_transition_may_be_addressed_by_a_handle(db, load):
    shop = load(*BY_TITLE)
    await books.create(db, "Emma")
    assert (await shop.publish(db, "Emma")).status == "published"
    with pytest.raises(InvalidTransition, match=r"^title Emma is published and cannot become published") as caught:
        await shop.publish(db, "Emma")
    assert (caught.value.key, caught.value.current) == ("Emma", "published")
    for operation in (shop.publish(db, "Persuasion"), shop.set_status(db, "Persuasion", "published")):
        with pytest.raises(NotFound, match=r"^title Persuasion not found$"):
            await operation
    with pytest.raises(InvalidTransition):
        await shop.set_status(db, "Emma", "published")


async def test_a_move_that_stays_leads_nowhere(db, load):
    shop = load(*BY_TITLE)
    await books.create(db, "Emma")
    with pytest.raises(InvalidTransition) as caught:
        await shop.reprint(db, "Emma", 100)
    assert (caught.value.key, caught.value.current, caught.value.allowed) == ("Emma", "draft", ("published",))
    await shop.publish(db, "Emma")
    assert (await shop.reprint(db, "Emma", 100)).status == "published"
    with pytest.raises(InvalidTransition) as caught:
        await shop.publish(db, "Emma")
    assert caught.value.allowed == ()


async def test_a_row_that_is_marked_as_deleted_does_not_move(db, load):
    shop = load(*BY_TITLE)
    await books.create(db, "Emma", published_at=datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(Conflict, match=r"^title Emma is deleted; restore it first$") as caught:
        await shop.publish(db, "Emma")
    assert not isinstance(caught.value, InvalidTransition)
