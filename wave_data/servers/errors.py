"""What goes wrong with the servers themselves."""


class ServerUnavailable(RuntimeError):
    """There is no PostgreSQL server to be had; the message says why and what would help."""
