"""Where a bucket is, and a client for it whose every default that a server could stumble over is set.

Credentials come from the ordinary chain of the AWS tools (environment, shared files, instance role) and are never
settings.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

import boto3  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError  # type: ignore[import-untyped]

from evidence.errors import ConfigError

CONNECT_TIMEOUT_S = 10
READ_TIMEOUT_S = 60
ATTEMPTS = 4
CONNECTIONS = 16

Answer = Mapping[str, Any]
"""What an operation returns: the names of the S3 API reference."""


@dataclass(frozen=True)
class S3Place:
    """Where a vault lies.

    Attributes:
        endpoint: address of the server; empty: the one that the region implies.
        prefix: all keys begin with it; a slash is added where it lacks one.
    """

    bucket: str
    endpoint: str = ""
    region: str = "us-east-1"
    prefix: str = ""

    def key(self, path: str) -> str:
        """Return the key of a path of the vault."""
        return f"{self._folder}{path}"

    def path(self, key: str) -> str:
        """Return the path of the vault that a key stands for."""
        return key[len(self._folder) :]

    @property
    def _folder(self) -> str:
        trimmed = self.prefix.strip("/")
        return f"{trimmed}/" if trimmed else ""


class Pages(Protocol):
    """Lists a bucket, page after page."""

    def paginate(self, **request: object) -> Iterator[Answer]:
        """Yield every page of an answer."""
        ...


class S3Client(Protocol):
    """The operations a vault needs: what an account must be allowed to do."""

    def put_object(self, **request: object) -> Answer: ...
    def get_object(self, **request: object) -> Answer: ...
    def head_object(self, **request: object) -> Answer: ...
    def delete_object(self, **request: object) -> Answer: ...
    def create_multipart_upload(self, **request: object) -> Answer: ...
    def upload_part(self, **request: object) -> Answer: ...
    def complete_multipart_upload(self, **request: object) -> Answer: ...
    def abort_multipart_upload(self, **request: object) -> Answer: ...
    def put_object_retention(self, **request: object) -> Answer: ...
    def get_object_retention(self, **request: object) -> Answer: ...
    def put_object_legal_hold(self, **request: object) -> Answer: ...
    def get_object_legal_hold(self, **request: object) -> Answer: ...
    def get_bucket_versioning(self, **request: object) -> Answer: ...
    def get_object_lock_configuration(self, **request: object) -> Answer: ...
    def get_paginator(self, operation: str) -> Pages:
        """Return what lists with ``list_object_versions`` or ``list_multipart_uploads``."""
        ...

    def close(self) -> None:
        """Let go of the connections."""
        ...


class Body(Protocol):
    """The bytes of an object on their way in."""

    def iter_chunks(self, chunk_size: int) -> Iterator[bytes]:
        """Yield the bytes."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


def make_client(place: S3Place, session: boto3.session.Session | None = None) -> S3Client:
    """Return a client, safe to share between threads; nothing is sent yet. Close it when done.

    Args:
        place: the bucket it is for.
        session: credentials; None: the ordinary chain.

    Raises:
        ConfigError: the endpoint or the region cannot be used.
    """
    config = Config(
        request_checksum_calculation="when_required",  # the trailer sent otherwise stays in objects of some servers
        response_checksum_validation="when_required",
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        max_pool_connections=CONNECTIONS,
        s3={"addressing_style": "path" if place.endpoint else "auto"},
    )
    try:
        made = (session or boto3.session.Session()).client(
            "s3", endpoint_url=place.endpoint or None, region_name=place.region, config=config
        )
    except (BotoCoreError, ValueError) as error:
        raise ConfigError(
            f"this S3 server cannot be spoken to ({error})",
            subject=place.endpoint or place.region,
            cure="mend vault.endpoint and vault.region",
        ) from error
    return cast("S3Client", made)


def body_of(answer: Answer) -> Body:
    """Return the bytes of a ``get_object``."""
    return cast("Body", answer["Body"])
