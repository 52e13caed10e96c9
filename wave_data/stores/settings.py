"""Where a database is, and how to talk to it."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from wave_data.engine.errors import InvalidValue
from wave_data.engine.limits import MIB, Limits, SnapshotPolicy

Dialect = Literal["postgres", "sqlite"]

_ACCEPTED = (
    "postgresql://user:password@host:5432/database, sqlite:path.db, sqlite:///absolute/path.db or sqlite::memory:"
)


@dataclass(frozen=True)
class DatabaseUrl:
    """A parsed database URL. `path` is None for an in-memory SQLite database; the password is never shown."""

    dialect: Dialect
    path: Path | None = None
    host: str | None = None
    port: int | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    query: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> "DatabaseUrl":
        """Read a URL; user and password are percent-decoded. Raises InvalidValue, which never repeats the URL."""
        scheme, colon, rest = text.partition(":")
        scheme = scheme.partition("+")[0].lower()
        if not colon or not rest:
            raise InvalidValue(f"a database URL was expected, such as {_ACCEPTED}")
        if scheme in ("postgres", "postgresql"):
            return cls._parse_postgres(rest)
        if scheme in ("sqlite", "sqlite3", "file"):
            return cls._parse_sqlite(rest)
        raise InvalidValue(f"unknown database URL scheme {scheme!r}; accepted: {_ACCEPTED}")

    @classmethod
    def _parse_postgres(cls, rest: str) -> "DatabaseUrl":
        if "#" in rest:
            raise InvalidValue("the database URL has a #; in a user or password it is written %23")
        if not rest.startswith("//"):
            raise InvalidValue(f"a PostgreSQL URL has // after its scheme: {_ACCEPTED}")
        try:
            parts = urlsplit("postgresql:" + rest)
            port = parts.port
        except ValueError as error:
            raise InvalidValue(f"the database URL is malformed: {_about_host(error)}") from None
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        given = {name: query.pop(name, None) for name in ("host", "port", "user", "password", "dbname")}
        if given["port"] is not None and not given["port"].isdecimal():
            raise InvalidValue("the database URL is malformed: the port is not a number from 0 to 65535")
        return cls(
            "postgres",
            host=unquote(parts.hostname) if parts.hostname else given["host"],
            port=int(given["port"]) if port is None and given["port"] else port,
            user=unquote(parts.username) if parts.username else given["user"],
            password=unquote(parts.password) if parts.password is not None else given["password"],
            database=unquote(parts.path.lstrip("/")) or given["dbname"],
            query=urlencode(query),
        )

    @classmethod
    def _parse_sqlite(cls, rest: str) -> "DatabaseUrl":
        location, _, query = rest.partition("?")
        if location in (":memory:", "//:memory:", "///:memory:", "/:memory:"):
            return cls("sqlite", query=query)
        if location.startswith("//"):
            authority, slash, path = location[2:].partition("/")
            if authority not in ("", "localhost") or not slash:
                raise InvalidValue("a SQLite URL names no host: write sqlite:relative.db or sqlite:///absolute/path.db")
            location = "/" + path
        if not location.strip("/"):
            raise InvalidValue("the SQLite URL names no file: write sqlite:path.db or sqlite::memory:")
        return cls("sqlite", path=Path(unquote(location)), query=query)

    @property
    def is_memory(self) -> bool:
        """True for a SQLite database that lives in memory."""
        return self.dialect == "sqlite" and self.path is None

    @property
    def dbmate(self) -> str:
        """The URL in dbmate's form, password included: hand it over by environment only."""
        return self._url(self.password)

    @property
    def redacted(self) -> str:
        """The URL with its password masked, for messages."""
        masked = urlencode(
            {k: "***" if "password" in k else v for k, v in parse_qsl(self.query, keep_blank_values=True)}, safe="*"
        )
        return replace(self, query=masked)._url(None if self.password is None else "***")

    def _url(self, password: str | None) -> str:
        query = f"?{self.query}" if self.query else ""
        if self.dialect == "sqlite":
            location = ":memory:" if self.path is None else quote(str(self.path), safe="/.:-_~+@,=!$&'()*; ")
            return f"sqlite:{location}{query}"
        secret = "" if password is None else ":" + (password if password == "***" else quote(password, safe=""))
        user = "" if self.user is None else quote(self.user, safe="") + secret + "@"
        host = self.host or "localhost"
        if host.startswith("/"):  # the folder of a socket, which has no place before the slash
            query = f"{query}&host={quote(host)}" if query else f"?host={quote(host)}"
            host = ""
        host = f"[{host}]" if ":" in host else quote(host, safe="")
        port = f":{self.port}" if self.port is not None else ""
        return f"postgres://{user}{host}{port}/{quote(self.database or '', safe='')}{query}"

    def __str__(self) -> str:
        return self.redacted


class Options(BaseSettings):
    """How connections are kept, retried and watched; every option of `connect` besides the URL and the clock."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix="WAVE_DATA_")

    pool_size: int = Field(5, ge=1)
    max_overflow: int = Field(10, ge=0)
    acquire_timeout: float = Field(30.0, gt=0, allow_inf_nan=False)
    pre_ping: bool = True
    connect_timeout: float = Field(10.0, gt=0, allow_inf_nan=False)
    connect_retries: int = Field(5, ge=0)
    backoff_base: float = Field(0.1, ge=0, allow_inf_nan=False)
    backoff_factor: float = Field(2.0, ge=1, allow_inf_nan=False)
    backoff_cap: float = Field(5.0, ge=0, allow_inf_nan=False)
    transaction_retries: int = Field(3, ge=0)
    statement_timeout: float | None = Field(None, gt=0, allow_inf_nan=False)
    change_poll_interval: float = Field(1.0, gt=0, allow_inf_nan=False)
    busy_timeout: float = Field(5.0, ge=0, allow_inf_nan=False)
    journal_mode: Literal["wal", "delete", "truncate", "persist", "memory", "off"] | None = None
    statement_cache_size: int = Field(256, ge=0)
    echo: bool = False
    slow_query_ms: float | None = Field(500.0, gt=0, allow_inf_nan=False)
    json_limit: int = Field(16 * MIB, ge=1)
    snapshot_limit: int = Field(MIB, ge=1)
    snapshot_policy: SnapshotPolicy = "reject"
    audit: bool = False
    cache: bool = False
    cache_size: int = Field(1000, ge=1)
    cache_ttl: float = Field(60.0, gt=0, allow_inf_nan=False)

    @property
    def limits(self) -> Limits:
        """How large JSON values may be."""
        return Limits(self.json_limit, self.snapshot_limit, self.snapshot_policy)


def _about_host(error: ValueError) -> str:
    """What urllib says of a host or a port, without the part of the URL that it repeats: it may hold the password."""
    return "the port is not a number from 0 to 65535" if "ort" in str(error) else "its host is no name or address"


def database_url(url: str | None = None) -> DatabaseUrl:
    """The URL given, else DATABASE_URL, else the one that POSTGRES_HOST, _PORT, _DB, _USER and _PASSWORD describe."""
    text = url if url is not None else os.environ.get("DATABASE_URL")
    if text:
        return DatabaseUrl.parse(text)
    if url is not None:
        raise InvalidValue(f"the database URL is empty; accepted: {_ACCEPTED}")
    try:
        server = _Server()
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)[0]
        raise InvalidValue(f"POSTGRES_{str(wrong['loc'][0]).upper()}: {wrong['msg']}") from None
    return DatabaseUrl(
        "postgres",
        host=server.host,
        port=server.port,
        user=server.user,
        password=server.password,
        database=server.db,
    )


class _Server(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="POSTGRES_")

    host: str = "localhost"
    port: int = 5432
    db: str = "wave"
    user: str = "wave"
    password: str | None = None
