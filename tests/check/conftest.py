"""Fixtures of the tests of the check."""

from check_packages import make_package
from corpus.fixtures import corpus_report
from postgres_statements import describe

__all__ = ["corpus_report", "describe", "make_package"]
