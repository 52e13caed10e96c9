"""Where a database is, and how to talk to it."""

import copy
from pathlib import Path

import pytest

from wave_data import InvalidValue, connect
from wave_data.stores.settings import DatabaseUrl, database_url

SECRET = "s3cr:t@/?#%"
ENCODED = "s3cr%3At%40%2F%3F%23%25"

POSTGRES = {
    "postgres://host/db": {"host": "host", "database": "db"},
    "postgresql://host/db": {"host": "host", "database": "db"},
    "POSTGRESQL://host/db": {"host": "host", "database": "db"},
    "postgresql+asyncpg://host/db": {"host": "host", "database": "db"},
    "postgres+psycopg://host/db": {"host": "host", "database": "db"},
    "postgresql://host:6543/db": {"host": "host", "port": 6543, "database": "db"},
    "postgresql://user@host/db": {"host": "host", "user": "user", "database": "db"},
    "postgresql://user:word@host/db": {"host": "host", "user": "user", "password": "word", "database": "db"},
    "postgresql://user:@host/db": {"host": "host", "user": "user", "password": "", "database": "db"},
    f"postgresql://us%40er:{ENCODED}@host/my%20db": {
        "host": "host",
        "user": "us@er",
        "password": SECRET,
        "database": "my db",
    },
    "postgresql://user:a+b@host/db": {"host": "host", "user": "user", "password": "a+b", "database": "db"},
    "postgresql://[::1]:5432/db": {"host": "::1", "port": 5432, "database": "db"},
    "postgresql:///db": {"database": "db"},
    "postgresql://host": {"host": "host"},
    "postgresql://host/": {"host": "host"},
    "postgresql://host/db?sslmode=disable&application_name=x": {
        "host": "host",
        "database": "db",
        "query": "sslmode=disable&application_name=x",
    },
}


@pytest.mark.parametrize("text", POSTGRES)
def test_a_postgres_url(text):
    assert DatabaseUrl.parse(text) == DatabaseUrl("postgres", **POSTGRES[text])


@pytest.mark.parametrize("text", POSTGRES)
def test_a_postgres_url_survives_being_written(text):
    url = DatabaseUrl.parse(text)
    again = DatabaseUrl.parse(url.dbmate)
    assert (again.user, again.password, again.port, again.database, again.query) == (
        url.user,
        url.password,
        url.port,
        url.database,
        url.query,
    )
    assert again.host == (url.host or "localhost")


SQLITE = {
    "sqlite:wave.db": "wave.db",
    "sqlite:./wave.db": "wave.db",
    "sqlite:../data/wave.db": "../data/wave.db",
    "sqlite:/var/wave.db": "/var/wave.db",
    "sqlite:///var/wave.db": "/var/wave.db",
    "sqlite+aiosqlite:///var/wave.db": "/var/wave.db",
    "sqlite3:wave.db": "wave.db",
    "SQLite:wave.db": "wave.db",
    "sqlite://localhost/var/wave.db": "/var/wave.db",
    "file:wave.db": "wave.db",
    "file:/var/wave.db": "/var/wave.db",
    "file:///var/wave.db": "/var/wave.db",
    "sqlite:my%20data/100%25.db": "my data/100%.db",
    "sqlite:what%3F.db": "what?.db",
    "sqlite:my data/größe.db": "my data/größe.db",
    "sqlite:a:b.db": "a:b.db",
    "sqlite:a#b.db": "a#b.db",
}


@pytest.mark.parametrize("text", SQLITE)
def test_a_sqlite_url(text):
    url = DatabaseUrl.parse(text)
    assert (url.dialect, url.path, url.is_memory) == ("sqlite", Path(SQLITE[text]), False)


@pytest.mark.parametrize("text", SQLITE)
def test_a_sqlite_url_survives_being_written(text):
    url = DatabaseUrl.parse(text)
    assert DatabaseUrl.parse(url.dbmate) == url


def test_the_parameters_of_a_sqlite_url_are_kept():
    assert DatabaseUrl.parse("sqlite:wave.db?mode=ro&x=1").query == "mode=ro&x=1"


@pytest.mark.parametrize(
    "text", ["sqlite::memory:", "sqlite://:memory:", "sqlite+aiosqlite://:memory:", "file::memory:"]
)
def test_a_database_in_memory(text):
    url = DatabaseUrl.parse(text)
    assert (url.dialect, url.path, url.is_memory, str(url)) == ("sqlite", None, True, "sqlite::memory:")


REFUSED = [
    "",
    "wave.db",
    "/var/wave.db",
    "mysql://host/db",
    "http://host/db",
    "sqlite",
    "sqlite:",
    "sqlite:///",
    "sqlite://host/var/wave.db",
    "sqlite://wave.db",
    "postgresql:",
    "postgresql:host/db",
    "postgresql:/host/db",
    "postgresql://host:port/db",
    "postgresql://host:99999/db",
    "postgresql://[::1/db",
    "postgresql://host]/db",
    f"postgresql://user:{SECRET}@host/db",
    "postgresql://user:s3cret℀@host/db",
    ":memory:",
]


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused_without_repeating_it(text):
    with pytest.raises(InvalidValue) as caught:
        DatabaseUrl.parse(text)
    error = caught.value
    while error is not None:
        assert "s3cr" not in str(error)
        assert "s3cr" not in repr(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


HIDDEN = [
    f"postgresql://user:{ENCODED}@host/db",
    "postgresql://user:s3cret@host/db",
    "postgresql://host/db?user=me&password=s3cret",
    "postgresql://host/db?password=s3cret&sslmode=disable",
    "postgresql://user@host/db?sslpassword=s3cret",
]


@pytest.mark.parametrize("text", HIDDEN)
def test_a_password_is_shown_nowhere(text):
    url = DatabaseUrl.parse(text)
    for shown in (str(url), repr(url), url.redacted, f"{url}", repr(connect(text)), repr(copy.copy(url))):
        assert "s3cr" not in shown


def test_the_masked_url_tells_the_rest():
    url = DatabaseUrl.parse(f"postgresql://user:{ENCODED}@host:6543/db?sslmode=disable")
    assert url.redacted == "postgres://user:***@host:6543/db?sslmode=disable"


def test_a_url_without_a_password_masks_nothing():
    assert DatabaseUrl.parse("postgresql://user@host/db").redacted == "postgres://user@host/db"


# Where the URL comes from


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for name in ("DATABASE_URL", "POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD"):
        monkeypatch.delenv(name, raising=False)


def test_the_argument_comes_first(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:other.db")
    assert database_url("sqlite:wave.db").path == Path("wave.db")


def test_then_database_url(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:other.db")
    monkeypatch.setenv("POSTGRES_HOST", "host")
    assert database_url().path == Path("other.db")


def test_then_the_parts_of_a_postgres_url(monkeypatch):
    monkeypatch.setenv("POSTGRES_HOST", "host")
    monkeypatch.setenv("POSTGRES_PORT", "6543")
    monkeypatch.setenv("POSTGRES_DB", "my db")
    monkeypatch.setenv("POSTGRES_USER", "us@er")
    monkeypatch.setenv("POSTGRES_PASSWORD", SECRET)
    assert database_url() == DatabaseUrl("postgres", None, "host", 6543, "us@er", SECRET, "my db")
    assert DatabaseUrl.parse(database_url().dbmate).password == SECRET
    assert "s3cr" not in repr(database_url())


def test_then_the_defaults():
    assert database_url() == DatabaseUrl("postgres", None, "localhost", 5432, "wave", None, "wave")


def test_a_wrong_part_is_named(monkeypatch):
    monkeypatch.setenv("POSTGRES_PORT", "many")
    with pytest.raises(InvalidValue, match="POSTGRES_PORT"):
        database_url()


def test_an_empty_argument_is_no_url(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:other.db")
    with pytest.raises(InvalidValue, match="the database URL is empty"):
        database_url("")


# Options


def test_an_unknown_option_is_a_type_error():
    with pytest.raises(TypeError, match=r"connect\(\) has no option pool_sise; the options are acquire_timeout, "):
        connect("sqlite::memory:", pool_sise=3)


WRONG = {
    "pool_size": [0, -1, "many", 1.5, None],
    "max_overflow": [-1],
    "acquire_timeout": [0, -1, "soon"],
    "pre_ping": ["perhaps"],
    "connect_timeout": [0],
    "connect_retries": [-1],
    "transaction_retries": [-1],
    "statement_timeout": [0, -1],
    "busy_timeout": [-1],
    "journal_mode": ["fast"],
    "statement_cache_size": [-1],
    "backoff_factor": [0.5],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_option_is_named(name, value):
    with pytest.raises(InvalidValue, match=f"^option {name}: "):
        connect("sqlite::memory:", **{name: value})


@pytest.mark.parametrize("name", ["acquire_timeout", "connect_timeout", "statement_timeout", "busy_timeout"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_time_is_a_finite_number(name, value):
    with pytest.raises(InvalidValue, match=f"^option {name}: "):
        connect("sqlite::memory:", **{name: value})


def test_a_malformed_url_is_refused_before_anything_is_opened():
    with pytest.raises(InvalidValue):
        connect("mysql://host/db")


def test_options_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("WAVE_DATA_POOL_SIZE", "0")
    with pytest.raises(InvalidValue, match=r"^option pool_size: "):
        connect("sqlite::memory:")
