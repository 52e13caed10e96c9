"""What goes wrong in the test support itself."""


class ServerUnavailable(RuntimeError):
    """There is no PostgreSQL server for the tests; the message says why and what would help."""
