"""Moves as the SQL of transitions tells them."""

from types import SimpleNamespace

import pytest

from wave_data import QueryError
from wave_data.engine.sql_file import read_sql_file
from wave_data.engine.state_machine import Move, allowed_targets, read_move


@pytest.fixture
def move_of(tmp_path):
    """The move that an UPDATE of lamps with this SET and this WHERE makes."""

    def read(changes, condition, column="status"):
        path = tmp_path / "lamps.sql"
        path.write_text(f"-- name: turn\nUPDATE lamps\nSET {changes}\nWHERE {condition}\nRETURNING *;\n")
        [statement] = read_sql_file(path).statements
        return read_move("turn", statement, column)

    return read


def test_a_move_has_its_sources_and_its_target(move_of):
    found = move_of("updated_at = :now, status = 'off'", "id = :id AND status IN ('on', 'dim')")
    assert found == Move("turn", "status", ("on", "dim"), "off")


def test_a_move_of_another_column(move_of):
    found = move_of("status = 'lost', colour = 'red'", "id = :id AND colour = 'green'", "colour")
    assert found == Move("turn", "colour", ("green",), "red")


def test_what_else_the_row_must_be_guards_a_move(move_of):
    found = move_of("colour = 'red'", "id = :id AND colour IN ('green', 'blue') AND status = 'on'", "colour")
    assert found.guards == (("status", ("on",)),)
    assert found.refusal(SimpleNamespace(colour="green", status="on")) is None
    assert found.refusal(SimpleNamespace(colour="green", status="off")) == "off"
    assert found.refusal(SimpleNamespace(colour="red", status="off")) == "red"


def test_what_stands_in_parentheses_is_no_guard(move_of):
    found = move_of("status = 'off'", "(status = 'on') AND NOT EXISTS (SELECT 1 FROM rooms WHERE kind = 'cellar')")
    assert found == Move("turn", "status", ("on",), "off")


@pytest.mark.parametrize(
    ("changes", "condition"),
    [
        ("status = :status", "status = 'on'"),
        ("status = 'off'", "id = :id"),
        ("status = 'off'", "colour = 'red'"),
        ("colour = 'red'", "status = 'on'"),
    ],
)
def test_a_move_that_cannot_be_read_is_refused(move_of, changes, condition):
    with pytest.raises(QueryError, match=r"SET status = '…', and WHERE status"):
        move_of(changes, condition)


def test_only_the_moves_of_the_column_that_the_row_permits_are_allowed():
    moves = [
        Move("off", "status", ("on", "dim"), "off"),
        Move("dim", "status", ("on",), "dim", (("colour", ("white",)),)),
        Move("paint", "colour", ("white",), "red"),
    ]
    assert allowed_targets(moves, "status", SimpleNamespace(status="on", colour="white")) == ["off", "dim"]
    assert allowed_targets(moves, "status", SimpleNamespace(status="on", colour="red")) == ["off"]
    assert allowed_targets(moves, "colour", SimpleNamespace(status="on", colour="white")) == ["red"]
