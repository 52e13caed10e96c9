"""Verification of queries against real databases; nothing that a program runs imports it."""

from wave_data.check.checking import check
from wave_data.check.finding import FactKey, Finding, Report

__all__ = ["FactKey", "Finding", "Report", "check"]
