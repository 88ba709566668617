"""Behind the S3 server, no port lets a local user without keys read or write an object."""

import http.client
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import grpc
import psutil
import pytest

from local.stack.s3_security import security_folder, write_s3_secrets
from local.stack.settings import HOST
from tests.support.s3_server import BUCKET, S3Server

WEED = str(Path(sys.executable).parent / "weed")
CONTENT = b"a secret trip"
# A request of the filer's gRPC service for the entry of the object, as protobuf: directory and name.
FOLDER = f"/buckets/{BUCKET}".encode()
LOOKUP = b"\x0a" + bytes([len(FOLDER)]) + FOLDER + b"\x12\x06secret"
GRPC_METHODS = {
    "/filer_pb.SeaweedFiler/LookupDirectoryEntry": LOOKUP,
    "/filer_pb.SeaweedFiler/ListEntries": b"\x0a" + bytes([len(FOLDER)]) + FOLDER,
    "/master_pb.Seaweed/Assign": b"\x08\x01",
    "/volume_server_pb.VolumeServer/VolumeServerStatus": b"",
    "/s3_pb.SeaweedS3IamCache/PutIdentity": b"",
}


@pytest.fixture(scope="module")
def secret(s3: S3Server) -> str:
    """The id of the chunk of an object, with which anyone could ask a volume server for it."""
    s3.put("secret", CONTENT)
    owner = shell(s3, f"fs.meta.cat /buckets/{BUCKET}/secret", f"-config_dir={security_folder(s3.settings)}")
    found = re.search(r'"fileId": *"([0-9a-f,]+)"', owner)
    assert found, owner
    return found[1]


def shell(s3: S3Server, command: str, *options: str) -> str:
    """Run SeaweedFS's own administration program."""
    ports = s3.settings.ports.internal
    servers = [f"-{name}={HOST}:{ports[name]}.{ports[f'{name}_grpc']}" for name in ("master", "filer")]
    done = subprocess.run(
        [WEED, *options, "shell", *servers], input=command, capture_output=True, text=True, timeout=60
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def open_ports(s3: S3Server) -> set[int]:
    """The ports that are really open."""
    connections = psutil.Process(s3.pid).net_connections("tcp")
    return {each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN}


def test_no_open_port_answers_a_request_for_an_object_without_keys(
    s3: S3Server, secret: str, open_ports: set[int]
) -> None:
    assert open_ports == s3.settings.ports.all - {
        s3.settings.ports.airflow,
        s3.settings.ports.internal["execution_api"],
    }
    requests = [
        (method, path)
        for method in ("GET", "PUT", "POST", "DELETE")
        for path in (f"/{secret}", f"/buckets/{BUCKET}/secret", f"/{BUCKET}/secret")
    ]
    requests += [("GET", f"/dir/assign?collection={BUCKET}"), ("POST", "/submit"), ("GET", "/col/delete")]
    requests += [("GET", f"/dir/lookup?read=yes&fileId={secret}"), ("GET", f"/buckets/{BUCKET}/")]
    answered = []
    for port in open_ports:
        for method, path in requests:
            status = answer(port, method, path)
            if status is not None and status < 400:
                answered.append((port, method, path, status))
    assert answered == []
    assert s3.read("secret") == CONTENT


def answer(port: int, method: str, path: str) -> int | None:
    """Return the status with which a port answers an HTTP request, None if it does not speak HTTP."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request(method, path, body=b"other content" if method != "GET" else None)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "TLS without a certificate"])
def test_no_open_port_answers_grpc_without_the_stacks_certificate(
    s3: S3Server, open_ports: set[int], encrypted: bool
) -> None:
    authority = (security_folder(s3.settings) / "certificate.pem").read_bytes()
    for port in open_ports:
        address = f"{HOST}:{port}"
        credentials = grpc.ssl_channel_credentials(authority)
        with (
            grpc.secure_channel(address, credentials)
            if encrypted
            else grpc.insecure_channel(address) as channel
        ):
            for method, request in GRPC_METHODS.items():
                with pytest.raises(grpc.RpcError) as refusal:
                    channel.unary_unary(method)(request, timeout=10)
                assert refusal.value.code() == grpc.StatusCode.UNAVAILABLE, (port, method, refusal.value)


def test_only_the_owner_can_read_the_secrets(s3: S3Server) -> None:
    folder = security_folder(s3.settings)
    assert {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()} == dict.fromkeys(
        ("certificate.pem", "key.pem", "security.toml"), 0o600
    )


def test_each_stack_has_its_own_secrets(s3: S3Server, tmp_path: Path) -> None:
    other = replace(s3.settings, state=tmp_path)
    write_s3_secrets(other)
    keys = [
        key
        for settings in (s3.settings, other)
        for key in re.findall(
            r'^key = "([0-9a-f]{64})"', (security_folder(settings) / "security.toml").read_text(), re.M
        )
    ]
    assert len(set(keys)) == 2 * 4  # to sign reads and writes of volume servers and filers
