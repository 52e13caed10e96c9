"""How large a JSON value may be, and what becomes of a larger one."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, NoReturn

from wave_data.engine.errors import PayloadTooLarge
from wave_data.engine.json_text import encode_json

SnapshotPolicy = Literal["reject", "truncate"]

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bytes of JSON text that are stored: `json` of any value, `snapshot` of a snapshot; what a larger one meets."""

    json: int = 16 * MIB
    snapshot: int = MIB
    snapshot_policy: SnapshotPolicy = "reject"

    def json_text(self, text: str | None) -> str | None:
        """The text of a JSON value. Raises PayloadTooLarge over the limit."""
        if text is not None and not _fits(text, self.json):
            _refuse(text, self.json)
        return text

    def snapshot_text(self, text: str | None) -> str | None:
        """The text of a snapshot; over the limit a marker in its place, or PayloadTooLarge, as the policy says."""
        if text is None or _fits(text, self.snapshot):
            return text
        if self.snapshot_policy == "reject":
            _refuse(text, self.snapshot)
        return encode_json(marker(text))


def marker(text: str) -> dict[str, Any]:
    """What is stored in place of a snapshot that is too large: the size of its JSON text in bytes, and its hash."""
    encoded = text.encode()
    return {"truncated": True, "size": len(encoded), "sha256": sha256(encoded).hexdigest()}


def _fits(text: str, limit: int) -> bool:
    # A character takes one to four bytes, so most texts need not be encoded to be measured.
    return 4 * len(text) <= limit or (len(text) <= limit and len(text.encode()) <= limit)


def _refuse(text: str, limit: int) -> NoReturn:
    raise PayloadTooLarge(f"the JSON value takes {len(text.encode())} bytes; at most {limit} are stored")
