"""Electronic seals on printed documents: the interface, none at all, and one from files.

A legally binding seal needs a certificate of BSrE and a time-stamping server; it would be another class with the same
one method. The file seal serves trials: it proves that a byte was changed, not who the office is.
"""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

KEY_FILE = "seal-key.pem"
CERTIFICATE_FILE = "seal-certificate.pem"
AUTHORITY_FILE = "authority-certificate.pem"


class Seal(Protocol):
    """Puts the office's seal on a document."""

    def seal(self, pdf: bytes, *, reason: str) -> bytes:
        """Give the document with the seal in it; the bytes before it stay as they are."""
        ...


class NoSeal:
    """Leaves documents as they are; their checksum at /verifikasi is all that vouches for them."""

    def seal(self, pdf: bytes, *, reason: str) -> bytes:
        """Give the document back."""
        return pdf


@dataclass(frozen=True)
class FileSeal:
    """Seals with a key and certificates in PEM files of one folder (PAdES baseline, no time stamp)."""

    folder: Path
    # What the signature says about the place, for example "Stabat".
    location: str = ""

    def seal(self, pdf: bytes, *, reason: str) -> bytes:
        """Certify the document: any later change of it breaks the seal."""
        # pyHanko takes a second to load and only those who print need it.
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
        from pyhanko.sign import signers  # noqa: PLC0415
        from pyhanko.sign.fields import SigSeedSubFilter  # noqa: PLC0415

        simple: Any = signers.SimpleSigner
        signer = simple.load(
            str(self.folder / KEY_FILE),
            str(self.folder / CERTIFICATE_FILE),
            ca_chain_files=(str(self.folder / AUTHORITY_FILE),),
        )
        metadata = signers.PdfSignatureMetadata(
            field_name="Segel",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            reason=reason,
            location=self.location or None,
            certify=True,
        )
        sealed: Any = signers.PdfSigner(metadata, signer=signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)))
        return bytes(sealed.getvalue())


def seal_in(folder: Path) -> Seal:
    """Give the file seal of the folder when its files are there, and no seal otherwise."""
    complete = all((folder / name).is_file() for name in (KEY_FILE, CERTIFICATE_FILE, AUTHORITY_FILE))
    return FileSeal(folder) if complete else NoSeal()


def make_trial_seal(folder: Path, office_name: str, now: datetime) -> FileSeal:
    """Make a key and certificates of an authority of our own, valid for two years; for trials and tests."""
    folder.mkdir(parents=True, exist_ok=True)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority_name, name = _name("Otoritas uji coba Amanah", office_name), _name("Segel elektronik", office_name)
    authority = (
        _certificate(authority_name, authority_name, authority_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    certificate = (
        _certificate(name, authority_name, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    (folder / AUTHORITY_FILE).write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    (folder / CERTIFICATE_FILE).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / KEY_FILE).touch(mode=0o600)
    (folder / KEY_FILE).write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return FileSeal(folder)


def _name(common_name: str, office_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, office_name[:64]),
        ]
    )


def _certificate(subject: x509.Name, issuer: x509.Name, key: Any, now: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=730))
    )


def _usage(**granted: bool) -> x509.KeyUsage:
    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: granted.get(name, False) for name in every})
