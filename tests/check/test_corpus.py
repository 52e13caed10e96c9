"""The corpus: each wrong query is found out, at its place, and no right one is."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from corpus.cases import Score, read_cases, score

from wave_data.check import Report


@pytest.fixture
def made(corpus_report: Report, record_property: Callable[[str, object], None]) -> Score:
    """The score, which the test run shows at its end."""
    made = score(read_cases(), corpus_report.findings)
    record_property("shown at the end", f"the corpus of wave-data check on {corpus_report.servers['postgres']}: {made}")
    return made


def test_every_wrong_query_is_found_out_and_no_right_one(made: Score):
    assert "\n".join(made.missed) == ""
    assert "\n".join(made.false) == ""


def test_it_has_enough_of_both(made: Score):
    assert made.wrong >= 130
    assert made.right >= 130


def test_a_finding_that_is_gone_would_be_a_miss(corpus_report: Report):
    last = corpus_report.findings[-1]
    without = score(read_cases(), corpus_report.findings[:-1])
    assert len(without.missed) == len(score(read_cases(), corpus_report.findings).missed) + 1
    assert last.place.path.stem in without.missed[-1]


@pytest.mark.parametrize("change", [{"code": "stale"}, {"store": "elsewhere"}, {"message": "?"}])
def test_a_finding_that_is_another_would_be_a_miss_and_a_false_positive(corpus_report: Report, change: dict[str, str]):
    before = score(read_cases(), corpus_report.findings)
    after = score(read_cases(), [*corpus_report.findings[:-1], replace(corpus_report.findings[-1], **change)])
    assert len(after.missed) == len(before.missed) + 1
    assert len(after.false) == len(before.false) + 1
