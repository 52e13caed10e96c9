"""The builders make a row of every table, with what the test gives and sensible values for the rest."""

import inspect

import pytest

import wave_data
from wave_data.engine.modules import query_modules
from wave_data.testing import builders

BUILDERS = {
    name: function
    for name, function in inspect.getmembers(builders, inspect.iscoroutinefunction)
    if function.__module__ == builders.__name__
}


@pytest.mark.parametrize("name", BUILDERS)
async def test_each_makes_rows_that_differ(db, name):
    first, second = await BUILDERS[name](db), await BUILDERS[name](db)
    assert first != second


def test_every_table_has_one():
    written_by_the_library = {"schema_migrations", "audit"}
    modules = {
        module.name.rpartition(".")[2] for module in query_modules() if module.name.startswith("wave_data.tables.")
    }
    built = {inspect.signature(builder).return_annotation.__module__ for builder in BUILDERS.values()}
    assert {f"wave_data.tables.{name}" for name in modules - written_by_the_library} == built


async def test_what_is_given_is_kept(db):
    session = await builders.wave_session(db, project_name="atlas", wave_number=7)
    assert (session.project_name, session.wave_number) == ("atlas", 7)
    story = await builders.wave_story_execution(db, session_id=session.id, story_id="S-1")
    assert (story.session_id, story.story_id) == (session.id, "S-1")
    assert await wave_data.wave_sessions.count(db) == 1


async def test_an_unknown_field_is_refused(db):
    with pytest.raises(TypeError, match="colour"):
        await builders.task(db, colour="red")
