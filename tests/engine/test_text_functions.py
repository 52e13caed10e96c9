import pytest

from wave_data.engine.text_functions import contains_text, milliseconds_between

NOON = "2026-01-01T12:00:00.000000Z"


@pytest.mark.parametrize(
    ("value", "part", "contained"),
    [
        ("Count the Stars", "the s", True),
        ("Count the Stars", "", True),
        ("", "", True),
        ("", "a", False),
        ("Étoile", "étoile", False),
        ("ÉTOILE", "Étoile", True),
        ("a%b", "A%B", True),
        ("aXb", "a_b", False),
        (None, "a", None),
        ("a", None, None),
    ],
)
def test_a_text_contains_another_whatever_the_case_of_ascii_letters(value, part, contained):
    assert contains_text(value, part) is contained


@pytest.mark.parametrize(
    ("since", "until", "passed"),
    [
        (NOON, NOON, 0),
        (NOON, "2026-01-01T12:00:00.000999Z", 0),
        (NOON, "2026-01-01T12:00:00.001000Z", 1),
        ("2026-01-01T11:59:59.999500Z", "2026-01-02T12:00:00.000000Z", 86_400_000),
        (NOON, "2026-01-01T11:59:59.000000Z", 0),
        (NOON, None, None),
        (None, NOON, None),
    ],
)
def test_whole_milliseconds_pass_between_two_times(since, until, passed):
    assert milliseconds_between(since, until) == passed
