"""Folders for data that need not last."""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 1024**3


def temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder that goes when its context ends; in memory where there is room, for databases are faster there."""
    in_memory = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
    return tempfile.TemporaryDirectory(prefix="wave-data-", dir=_MEMORY if in_memory else None)
