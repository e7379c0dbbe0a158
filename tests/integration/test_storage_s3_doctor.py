"""`evidock status --doctor` on a home whose vault lies in a bucket: the one command before the first file."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from storage.s3_client import S3Place
from tests.support.cli import json_lines, run_cli
from tests.support.s3 import s3_server


def doctor(home: Path, place: S3Place, **more: str) -> Mapping[str, bool]:
    """Run the command against a bucket and return whether each probe was content."""
    environment = {
        **s3_server().environment,
        "EVIDOCK_VAULT__KIND": "s3",
        "EVIDOCK_VAULT__BUCKET": place.bucket,
        "EVIDOCK_VAULT__ENDPOINT": place.endpoint,
        "EVIDOCK_VAULT__PREFIX": place.prefix,
        **more,
    }
    done = run_cli(home, "status", "--doctor", "--json", env=environment)
    (status,) = json_lines(done)
    found = status["status"]
    assert isinstance(found, dict)
    return {probe["name"]: probe["ok"] for probe in found["doctor"]}


def test_a_bucket_that_can_lock_is_accepted(tmp_path: Path) -> None:
    """Every probe of the bucket is there, and content."""
    server = s3_server()
    found = doctor(tmp_path, server.place(server.make_bucket(), "evidence"))
    probes = {name: ok for name, ok in found.items() if name.startswith("bucket")}
    assert len(probes) == 8
    assert all(probes.values())


@pytest.mark.parametrize("secret", ["", "wrong"], ids=["no lock", "wrong key"])
def test_a_bucket_that_cannot_be_used_is_refused(tmp_path: Path, secret: str) -> None:
    """Without Object Lock, or with a key the server does not know, one probe says so and the others stay away."""
    server = s3_server()
    more = {"AWS_SECRET_ACCESS_KEY": secret} if secret else {}
    found = doctor(tmp_path, server.place(server.make_bucket(lock=bool(secret))), **more)
    assert {name: ok for name, ok in found.items() if name.startswith("bucket")} == {"bucket_versioning": False}
