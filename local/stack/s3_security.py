"""The secrets of the stack's S3 server: who may use it, and what its own parts require of each other."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local.stack.credentials import load_credentials, write_private
from local.stack.settings import Settings
from local.storage_settings import s3_identities, s3_security

VALID = timedelta(days=3650)  # longer than any stack runs: each start replaces the certificate


def identities_file(settings: Settings) -> Path:
    """Return SeaweedFS's file of S3 identities."""
    return settings.state / "s3-identities.json"


def security_folder(settings: Settings) -> Path:
    """Return the folder in which SeaweedFS finds its `security.toml`."""
    return settings.state / "s3-security"


def write_s3_secrets(settings: Settings) -> None:
    """Write all files with secrets that SeaweedFS reads when it starts; only their owner can read them."""
    credentials = load_credentials(settings.state)
    identities = s3_identities(credentials.s3_access_key, credentials.s3_secret_key)
    write_private(identities_file(settings), json.dumps(identities) + "\n")
    folder = security_folder(settings)
    folder.mkdir(mode=0o700, exist_ok=True)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    public, private = _own_certificate()
    write_private(certificate, public)
    write_private(key, private)
    write_private(folder / "security.toml", s3_security(certificate, key))


def _own_certificate() -> tuple[str, str]:
    """Return a new certificate, which is its own authority, and its private key; both as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the stack's S3 server")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now - timedelta(days=1), now + VALID
    ).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.decode(), private.decode()
