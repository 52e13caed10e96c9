"""The stories file: what a wave has to do, read from TOML and checked before anything is begun."""

import shlex
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from wave_data.tables.wave_checkpoints import Gate

GATES: tuple[Gate, ...] = get_args(Gate)
LAST_GATE = GATES[-1]


class StoriesError(Exception):
    """The stories file cannot be used; nothing has been begun."""


def _holds_no_null(text: str) -> str:
    if "\0" in text:
        raise ValueError("the text holds the character U+0000, which no database keeps: remove it")
    return text


def _is_a_command(text: str) -> str:
    if not shlex.split(text):
        raise ValueError("the command is empty")
    return text


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Text = Annotated[str, AfterValidator(_holds_no_null), Field(min_length=1)]
Name = Annotated[Text, Field(max_length=100)]
Title = Annotated[Text, Field(max_length=255)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Money = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=6)]


class Criterion(_Strict):
    """A command that must exit with 0."""

    gate: Gate
    name: Title
    run: Annotated[Text, AfterValidator(_is_a_command)]
    timeout_seconds: Annotated[int, Field(gt=0, le=86_400)] = 60


class Story(_Strict):
    """A piece of work: accepted when its criteria pass, gate by gate."""

    id: Name
    title: Title
    domain: Name
    agent: Name
    priority: Annotated[Text, Field(max_length=20)] | None = None
    points: Count | None = None
    max_retries: Annotated[int, Field(ge=0, le=100)] = 1
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _can_be_completed(self) -> Self:
        if not self.criteria_at(LAST_GATE):
            raise ValueError(f"no criterion at {LAST_GATE}, whose passing completes the story: add one")
        return self

    def criteria_at(self, gate: Gate) -> tuple[Criterion, ...]:
        """The criteria to run at a gate."""
        return tuple(criterion for criterion in self.criteria if criterion.gate == gate)

    def criteria_before(self, gate: Gate) -> int:
        """How many criteria have passed when the story stands at a gate."""
        return sum(GATES.index(criterion.gate) < GATES.index(gate) for criterion in self.criteria)


class Prices(_Strict):
    """What running a criterion costs."""

    usd_per_second: Money = Decimal("0.0001")
    usd_per_million_tokens: Money = Decimal(3)


class Wave(_Strict):
    """A stories file."""

    project: Title
    number: Count = 0
    budget_usd: Money | None = None
    target: Path = Path()
    prices: Prices = Prices()
    stories: Annotated[tuple[Story, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _tells_stories_apart(self) -> Self:
        ids = [story.id for story in self.stories]
        if repeated := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(f"several stories have the id {', '.join(repeated)}: give each its own")
        return self

    def story(self, story_id: str) -> Story | None:
        """The story of an id, unless the file has lost it."""
        return next((story for story in self.stories if story.id == story_id), None)


def load_wave(path: Path) -> Wave:
    """Read and check a stories file; `target` becomes an absolute path.

    Raises StoriesError, naming file, story, field and remedy.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise StoriesError(f"{path}: {error.strerror}; name a stories file with --stories FILE") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StoriesError(f"{path}: this is not TOML: {error}") from error
    try:
        wave = Wave.model_validate(document)
    except ValidationError as error:
        problems = [f"{path}: {_explain(details, document)}" for details in error.errors(include_url=False)]
        raise StoriesError("\n".join(problems)) from error
    target = (path.parent / wave.target).resolve()
    if not target.is_dir():
        raise StoriesError(f"{path}: target: {target} is no directory; name the one to run the criteria in")
    return wave.model_copy(update={"target": target})


def _explain(details: ErrorDetails, document: dict[str, object]) -> str:
    """A finding of pydantic as `story 'x', criterion 2, gate: what is wrong`."""
    place: list[str] = []
    inside: object = document
    for step in details["loc"]:
        inside = _step_into(inside, step)
        if isinstance(step, int):
            kind = "criterion" if place.pop() == "criteria" else "story"
            name = inside.get("name", inside.get("id")) if isinstance(inside, dict) else None
            place.append(f"{kind} {name!r}" if name else f"{kind} {step + 1}")
        else:
            place.append(step)
    where = ", ".join(place)
    return f"{where}: {_problem(details)}" if where else _problem(details)


def _step_into(inside: object, step: str | int) -> object:
    try:
        return inside[step]  # type: ignore[index]
    except (KeyError, IndexError, TypeError):
        return None


def _problem(details: ErrorDetails) -> str:
    match details["type"]:
        case "missing":
            return "missing; add it"
        case "extra_forbidden":
            return "unknown; correct its name or remove it"
        case "value_error":
            return str(details["ctx"]["error"])
        case _:
            return f"{details['msg']}; found {details['input']!r}"
