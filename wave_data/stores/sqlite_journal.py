"""The write-ahead log of a SQLite file: when a commit appends to it at no cost, and when the file takes it up."""

import sqlite3
from contextlib import suppress

CHANGES = 128
"""Changed rows after which the file takes up the log, some hundred pages; SQLite by itself does so after 1000."""
FEW_CHANGES = 16
"""Changed rows of a transaction that is committed in no time."""


class Journal:
    """What the commits of one connection cost.

    A commit that only appends to the log waits for no disk. SQLite waits for one when the file takes up the log, which
    it is therefore told to do after some changes instead of at any commit, and when it begins the log anew after that.
    """

    def __init__(self, raw: sqlite3.Connection, *, writes: bool) -> None:
        self._raw = raw
        ((mode,),) = raw.execute("PRAGMA journal_mode")
        self._never_waits = not writes or mode == "memory"
        self._has_log = writes and mode == "wal"
        self._taken_up = self._begun = raw.total_changes
        self._has_begun_anew = False
        if self._has_log:
            raw.execute("PRAGMA wal_autocheckpoint = 0")

    def commits_quickly(self) -> bool:
        """Whether the next statement that changes something by itself waits for no disk when it is committed."""
        if self._never_waits:
            return True
        return self._has_begun_anew and self._raw.total_changes - self._taken_up < CHANGES

    def begin(self) -> None:
        """Take note of the begin of a transaction."""
        self._begun = self._raw.total_changes

    def ends_quickly(self) -> bool:
        """Whether the transaction that was begun waits for no disk when it ends."""
        return self.commits_quickly() and self._raw.total_changes - self._begun <= FEW_CHANGES

    def is_due(self) -> bool:
        """Whether the file should take up the log now; asked after each job of the thread."""
        if not self._has_log or self._raw.in_transaction:
            return False
        changes = self._raw.total_changes - self._taken_up
        self._has_begun_anew = changes > 0
        return changes >= CHANGES

    def take_up(self, raw: sqlite3.Connection) -> None:
        """Have the file take up the log, as far as readers let it; run in the thread.

        What was committed stands also where that fails, as on a full disk; the next job of the thread tries again.
        """
        with suppress(sqlite3.Error):
            raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            self._taken_up = raw.total_changes
            self._has_begun_anew = False
