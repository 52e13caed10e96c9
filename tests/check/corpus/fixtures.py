"""The check of the corpus, made once for all tests about it."""

import pytest

from wave_data.check import Report, check


@pytest.fixture(scope="session")
def corpus_report(postgres_url: str) -> Report:
    """What the check finds in the corpus, and what the stores say of its queries."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAVE_TEST_POSTGRES", "url")
        patch.setenv("WAVE_TEST_DATABASE_URL", postgres_url)
        return check(["corpus.queries", "corpus.static_errors"])
