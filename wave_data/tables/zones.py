"""zones: areas of the board, each with agents, a prompt and actions for the worktrees that are put there."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator

from wave_data.engine import Executor, Page, Record, check, partial_update, query
from wave_data.engine.identifiers import uuid7
from wave_data.engine.pairs import Pair, split
from wave_data.engine.types import (
    UNSET,
    Default,
    Integer,
    JsonObject,
    PositiveCount,
    Slug,
    Text,
    TextArray,
    Unset,
    UtcDatetime,
)

Trigger = Literal["onDrop", "manual", "scheduled"]


def _check_action(action: JsonObject) -> JsonObject:
    if not isinstance(action.get("type"), str) or not action["type"]:
        raise ValueError("an action is an object with a type, such as {'type': 'runTests'}")
    return action


def _new_id() -> str:
    return f"zone-{uuid7().hex}"


Action = Annotated[JsonObject, AfterValidator(_check_action)]
NewZoneId = Annotated[Slug | None, Default(factory=_new_id)]


class Zone(Record):
    """An area of the board."""

    shown: ClassVar[tuple[str, ...]] = ("id", "name", "trigger")

    id: str
    name: str
    description: str | None
    trigger: Trigger
    agents: TextArray
    prompt_template: str
    actions: list[JsonObject]
    position_x: int
    position_y: int
    size_width: int
    size_height: int
    created_at: UtcDatetime
    updated_at: UtcDatetime

    @property
    def position(self) -> tuple[int, int]:
        """Where it lies on the board, x and y."""
        return self.position_x, self.position_y

    @property
    def size(self) -> tuple[int, int]:
        """How large it is, width and height."""
        return self.size_width, self.size_height


class ZoneWithCounts(Zone):
    """A zone, how many worktrees are in it, and how often it was executed."""

    worktree_count: int
    execution_count: int


class SeededZones(Record):
    """How many default zones were created, how many were there already, and how many there are."""

    created: int
    skipped: int
    total: int


async def create(
    db: Executor,
    name: Text,
    description: Text | None = None,
    trigger: Trigger = "onDrop",
    agents: Sequence[str] = (),
    prompt_template: Text = "",
    actions: Sequence[Action] = (),
    position: Pair = (0, 0),
    size: Pair = (300, 200),
    id: Slug | None = None,
) -> Zone:
    """Insert a zone. Raises Conflict when the id is taken, InvalidValue for a size of 0 and an action without type."""
    x, y = check(Pair, position, "position")
    width, height = check(Pair, size, "size")
    return await _insert(db, name, description, trigger, agents, prompt_template, actions, x, y, width, height, id)


@query
async def _insert(
    db: Executor,
    name: Text,
    description: Text | None,
    trigger: Trigger,
    agents: Sequence[str],
    prompt_template: Text,
    actions: Sequence[Action],
    position_x: Integer,
    position_y: Integer,
    size_width: PositiveCount,
    size_height: PositiveCount,
    id: NewZoneId,
) -> Zone: ...


@dataclass(frozen=True)
class DefaultZone:
    """A zone that `seed_defaults` creates."""

    id: Slug
    name: Text
    description: Text
    trigger: Trigger
    agents: TextArray
    prompt_template: Text
    actions: list[Action]
    position_x: Integer
    position_y: Integer = 50
    size_width: PositiveCount = 350
    size_height: PositiveCount = 450


_DEFAULT_ZONES = (
    DefaultZone(
        id="zone-development",
        name="Development",
        description="Build the issue: write the code and its first tests.",
        trigger="onDrop",
        agents=["frontend", "backend"],
        prompt_template="""\
Build {{ github.title }} ({{ github.url }}).

{{ github.description }}

Work on the branch {{ worktree.branch }} in {{ worktree.path }}. The development server listens on port
{{ worktree.port }}. Follow the conventions of the code around you, keep the change small, and commit as you go.
""",
        actions=[],
        position_x=50,
    ),
    DefaultZone(
        id="zone-testing",
        name="Testing",
        description="Run the tests and extend them to edge cases and regressions.",
        trigger="onDrop",
        agents=["qa", "test-engineer"],
        prompt_template="""\
Test {{ github.title }} ({{ github.url }}) on the branch {{ worktree.branch }} in {{ worktree.path }}.

{{ github.description }}

Run the whole test suite, and try the change on port {{ worktree.port }}. Add tests for what is not covered: edge
cases, wrong input, and regressions in what was there before. Report each failure with the steps that lead to it.
""",
        actions=[{"type": "runTests"}],
        position_x=450,
    ),
    DefaultZone(
        id="zone-review",
        name="Code Review",
        description="Review quality, security, speed, coverage and documentation.",
        trigger="onDrop",
        agents=["code-reviewer"],
        prompt_template="""\
Review {{ github.title }} ({{ github.url }}): the changes on the branch {{ worktree.branch }} in {{ worktree.path }}.

{{ github.description }}

Judge the quality of the code, its security, its speed, the coverage of its tests and its documentation. Name file and
line of each finding, say how much it matters, and propose the remedy.
""",
        actions=[{"type": "runTests"}, {"type": "createPR", "title": "{{ github.title }}"}],
        position_x=850,
    ),
    DefaultZone(
        id="zone-deployment",
        name="Deployment",
        description="Check that the change can be released, and prepare its release.",
        trigger="manual",
        agents=["devops"],
        prompt_template="""\
Prepare the release of {{ github.title }} ({{ github.url }}) from the branch {{ worktree.branch }} in
{{ worktree.path }}.

{{ github.description }}

Go through the checks before a release, verify the configuration, build the artefacts, and write the release notes.
""",
        actions=[{"type": "runTests"}, {"type": "notify", "message": "{{ github.title }} is ready to be released"}],
        position_x=1250,
    ),
)


async def seed_defaults(db: Executor) -> SeededZones:
    """Create the default zones that are absent; a zone that is there stays as it is."""
    created, total = len(await _insert_absent(db, _DEFAULT_ZONES)), len(_DEFAULT_ZONES)
    return SeededZones(created=created, skipped=total - created, total=total)


@query
async def _insert_absent(db: Executor, zones: Sequence[DefaultZone]) -> list[str]: ...


@query
async def get(db: Executor, id: Text) -> Zone:
    """The zone. Raises NotFound."""
    ...


@query
async def find(db: Executor, id: Text) -> Zone | None:
    """The zone, or None."""
    ...


@query
async def find_many(
    db: Executor, trigger: Trigger | None = None, limit: int = 100, cursor: str | None = None
) -> Page[Zone]:
    """Zones, newest first."""
    ...


@query
def iterate(db: Executor, trigger: Trigger | None = None) -> AsyncIterator[Zone]:
    """All matching zones, newest first."""
    ...


@query
async def list_by_trigger(db: Executor, trigger: Trigger, limit: int = 100, cursor: str | None = None) -> Page[Zone]:
    """The zones with a trigger, newest first."""
    ...


@query
async def list_with_counts(db: Executor, limit: int = 100, cursor: str | None = None) -> Page[ZoneWithCounts]:
    """Zones, each with the numbers of its worktrees and executions, newest first."""
    ...


@query
async def count(db: Executor, trigger: Trigger | None = None) -> int:
    """The number of matching zones."""
    ...


async def update(
    db: Executor,
    id: Text,
    *,
    name: Text | Unset = UNSET,
    description: Text | Unset | None = UNSET,
    trigger: Trigger | Unset = UNSET,
    agents: Sequence[str] | Unset = UNSET,
    prompt_template: Text | Unset = UNSET,
    actions: Sequence[Action] | Unset = UNSET,
    position: Pair | Unset = UNSET,
    position_x: Integer | Unset = UNSET,
    position_y: Integer | Unset = UNSET,
    size: Pair | Unset = UNSET,
    size_width: PositiveCount | Unset = UNSET,
    size_height: PositiveCount | Unset = UNSET,
) -> Zone:
    """Change the fields given; position and size as a pair or one part of it. Raises NotFound and InvalidValue."""
    x, y = split("position", position, position_x, position_y)
    width, height = split("size", size, size_width, size_height)
    return await _update(db, id, name, description, trigger, agents, prompt_template, actions, x, y, width, height)


@partial_update
async def _update(
    db: Executor,
    id: Text,
    name: Text | Unset = UNSET,
    description: Text | Unset | None = UNSET,
    trigger: Trigger | Unset = UNSET,
    agents: Sequence[str] | Unset = UNSET,
    prompt_template: Text | Unset = UNSET,
    actions: Sequence[Action] | Unset = UNSET,
    position_x: Integer | Unset = UNSET,
    position_y: Integer | Unset = UNSET,
    size_width: PositiveCount | Unset = UNSET,
    size_height: PositiveCount | Unset = UNSET,
) -> Zone: ...


@query
async def delete(db: Executor, id: Text, missing_ok: bool = True) -> bool:
    """Remove the zone with its assignments and executions; whether there was one.

    Raises NotFound when it is absent and missing_ok is False.
    """
    ...
