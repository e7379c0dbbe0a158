"""What an S3 server, or its absence, means to the one who has to act."""

import pytest
from botocore import exceptions  # type: ignore[import-untyped]

from evidence.errors import ConfigError, EvidockError, NotFoundError, StorageError, StorageFullError
from storage.s3_client import S3Place, make_client
from storage.s3_failures import code_of, s3_errors
from storage.s3_objects import Bucket
from tests.support.s3 import s3_server


def refusal(code: str, status: int = 400) -> exceptions.ClientError:
    """Return what botocore raises when a server answers with an error code."""
    said = {"Error": {"Code": code, "Message": "in the server's words"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return exceptions.ClientError(said, "PutObject")


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (refusal("NoSuchKey", 404), NotFoundError, "no such object"),
        (refusal("404", 404), NotFoundError, "no such object"),
        (refusal("NoSuchBucket", 404), ConfigError, "make it with Object Lock"),
        (refusal("AccessDenied", 403), ConfigError, "give the account the rights"),
        (refusal("InvalidAccessKeyId", 403), ConfigError, "set the access key"),
        (refusal("RequestTimeTooSkewed", 403), ConfigError, "set the clock"),
        (refusal("ObjectLockConfigurationNotFoundError", 404), ConfigError, "make a new bucket"),
        (refusal("QuotaExceeded", 403), StorageFullError, "tried again"),
        (refusal("Anything", 507), StorageFullError, "tried again"),
        (refusal("SlowDown", 503), StorageError, "too busy"),
        (refusal("Anything", 503), StorageError, "too busy"),
        (refusal("BadDigest"), StorageError, "changed on their way"),
        (refusal("MalformedXML"), StorageError, "MalformedXML: in the server's words"),
        (exceptions.NoCredentialsError(), ConfigError, "no credentials"),
        (exceptions.EndpointConnectionError(endpoint_url="http://x"), StorageError, "does not answer"),
        (exceptions.ReadTimeoutError(endpoint_url="http://x"), StorageError, "does not answer"),
        (exceptions.SSLError(endpoint_url="https://x", error="self-signed"), ConfigError, "AWS_CA_BUNDLE"),
        (exceptions.ParamValidationError(report="Invalid bucket name"), ConfigError, "vault.bucket"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_every_refusal_has_its_family_and_its_cure(raised: Exception, kind: type[EvidockError], words: str) -> None:
    """The error says what it is about, what is wrong and what to do, and keeps the server's own words behind it."""
    with pytest.raises(EvidockError, match=words) as caught, s3_errors("originals/ab"):
        raise raised
    assert type(caught.value) is kind
    assert str(caught.value).startswith("originals/ab: ")
    assert caught.value.__cause__ is raised


def test_the_code_behind_an_error_can_be_asked_for() -> None:
    """Who has to tell refusals apart looks at the server's code; where nobody answered there is none."""
    with pytest.raises(StorageError) as answered, s3_errors("x"):
        raise refusal("SlowDown", 503)
    with pytest.raises(StorageError) as silent, s3_errors("x"):
        raise exceptions.EndpointConnectionError(endpoint_url="http://x")
    assert (code_of(answered.value), code_of(silent.value)) == ("SlowDown", "")


def test_a_bucket_that_is_not_there_is_a_matter_of_settings() -> None:
    """Asking for an object of a bucket nobody made says that the bucket is missing, not that the object is."""
    server = s3_server()
    with pytest.raises(ConfigError, match="no such bucket"):
        Bucket(server.client, server.place("nobody-made-this")).versions("originals/x")


@pytest.mark.parametrize("endpoint", ["no address", "ftp//x"])
def test_an_endpoint_that_is_no_address_is_refused_at_once(endpoint: str) -> None:
    """Before anything is sent, naming the setting."""
    with pytest.raises(ConfigError, match=r"vault\.endpoint"):
        make_client(S3Place("vault", endpoint))


@pytest.mark.parametrize(
    ("prefix", "key"),
    [("", "originals/x"), ("a", "a/originals/x"), ("a/b/", "a/b/originals/x"), ("/a", "a/originals/x")],
)
def test_a_prefix_begins_every_key(prefix: str, key: str) -> None:
    """With or without slashes around it, and taken off again when a key is read."""
    place = S3Place("vault", prefix=prefix)
    assert place.key("originals/x") == key
    assert place.path(key) == "originals/x"
