"""PostgreSQL in a container of the local Docker engine."""

import gc
import os
import secrets
import time
import warnings
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from wave_data.servers.errors import ServerUnavailable

DEFAULT_IMAGE = "postgres:17"

# In memory, where a test's copy of the template is ten times as fast; images differ in their own place.
_DATA = "/pgdata"

_SILENCE_SECONDS = 20
_PULL_SECONDS = 180.0


@contextmanager
def container_server(settings: Mapping[str, str]) -> Generator[str]:
    """Run PostgreSQL with these settings in a container and give its URL; the container goes at the end.

    Raises ServerUnavailable when there is no Docker engine, or when it cannot run the image in good time.
    """
    try:
        from docker.errors import DockerException
        from requests.exceptions import RequestException
        from testcontainers.community.postgres import PostgresContainer
        from testcontainers.core.exceptions import ContainerStartException
    except ImportError as error:
        message = f"{error.name} is not installed: pip install 'wave-data[check]'"
        raise ServerUnavailable(message) from error

    image = os.environ.get("WAVE_TEST_POSTGRES_IMAGE") or DEFAULT_IMAGE
    with ExitStack() as stack:
        try:
            _fetch_images(image)
            container = PostgresContainer(
                image,
                username="postgres",
                password=secrets.token_hex(16),
                dbname="postgres",
                driver=None,
                command=["postgres", *(f"--{name}={value}" for name, value in settings.items())],
                env={"PGDATA": _DATA},
            ).with_tmpfs_mount(_DATA)
            stack.enter_context(container)
        except (DockerException, RequestException, ContainerStartException, TimeoutError) as error:
            raise ServerUnavailable(f"Docker cannot run {image}: {_reason(error)}") from error
        yield f"{container.get_connection_url()}?sslmode=disable"


def _fetch_images(image: str) -> None:
    """Pull what is not there yet, within bounds that testcontainers does not set."""
    from testcontainers.core.config import testcontainers_config

    images = [testcontainers_config.hub_image_name_prefix + image]
    if not testcontainers_config.ryuk_disabled:
        images.append(testcontainers_config.hub_image_name_prefix + testcontainers_config.ryuk_image)
    engine = _reach_engine()
    try:
        for name in images:
            _fetch_image(engine, name)
    finally:
        engine.close()


def _reach_engine() -> Any:
    from docker.errors import DockerException
    from testcontainers.core.docker_client import DockerClient

    try:
        return DockerClient(timeout=_SILENCE_SECONDS).client
    except DockerException as error:
        reason = _reason(error)
    # The Docker library leaves its socket open when nobody answers; some later test would get the warning.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    raise ServerUnavailable(f"there is no Docker engine: {reason}")


def _fetch_image(engine: Any, image: str) -> None:
    from docker.errors import ImageNotFound
    from docker.utils import parse_repository_tag

    try:
        engine.images.get(image)
    except ImageNotFound:
        repository, tag = parse_repository_tag(image)
        deadline = time.monotonic() + _PULL_SECONDS
        for progress in engine.api.pull(repository, tag=tag or "latest", stream=True, decode=True):
            if "error" in progress:
                raise ServerUnavailable(f"Docker cannot pull {image}: {progress['error']}") from None
            if time.monotonic() > deadline:
                raise ServerUnavailable(f"Docker did not pull {image} within {_PULL_SECONDS:.0f} s") from None


def _reason(error: Exception) -> str:
    explanation: object = getattr(error, "explanation", None)  # what the engine says, without its URL
    return str(explanation or str(error) or type(error).__name__).splitlines()[0]
