"""Electronic seals on printed documents: the interface, none at all, the office's own, and one for trials.

The office's seal is a key and its certificates in a PKCS#12 file, as BSrE hands them out. The trial seal is made by the
installation itself: it proves that no byte was changed, not who the office is, and whoever verifies is told so. There
is no time stamp: that needs a server outside.
"""

import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from workflows.settings import BadSetting, Settings

# Where a trial installation keeps its seal, under its home.
TRIAL_FOLDER = "seal"
KEY_FILE = "seal-key.pem"
CERTIFICATE_FILE = "seal-certificate.pem"
AUTHORITY_FILE = "authority-certificate.pem"


# Whose a seal is: nobody's, this installation's own making, or the office's by its certificate.
Kind = Literal["none", "trial", "office"]


class Seal(Protocol):
    """Puts the office's seal on a document."""

    @property
    def kind(self) -> Kind:
        """Whose seal it is."""
        ...

    def seal(self, pdf: bytes, *, reason: str) -> bytes:
        """Give the document with the seal in it; the bytes before it stay as they are."""
        ...


class NoSeal:
    """Leaves documents as they are; their checksum at /verifikasi is all that vouches for them."""

    kind: Kind = "none"

    def seal(self, pdf: bytes, *, reason: str) -> bytes:
        """Give the document back."""
        return pdf


@dataclass(frozen=True)
class TrialSeal:
    """Seals with a key and certificates of our own in PEM files of one folder (PAdES baseline, no time stamp)."""

    folder: Path
    kind: Kind = "trial"

    def seal(self, pdf: bytes, *, reason: str) -> bytes:
        """Certify the document: any later change of it breaks the seal."""
        # pyHanko takes a second to load and only those who print need it.
        from pyhanko.sign import signers  # noqa: PLC0415

        simple: Any = signers.SimpleSigner
        signer = simple.load(
            str(self.folder / KEY_FILE),
            str(self.folder / CERTIFICATE_FILE),
            ca_chain_files=(str(self.folder / AUTHORITY_FILE),),
        )
        return _certified(pdf, signer, reason=reason)


@dataclass(frozen=True)
class OfficeSeal:
    """Seals with the key and the certificates of a PKCS#12 file (PAdES baseline, no time stamp)."""

    # The file as it was read when the program started.
    content: bytes = field(repr=False)
    password: str = field(repr=False)
    # What the signature says about the place, for example "Stabat".
    location: str = ""
    kind: Kind = "office"

    def seal(self, pdf: bytes, *, reason: str) -> bytes:
        """Certify the document: any later change of it breaks the seal."""
        from pyhanko.sign import signers  # noqa: PLC0415

        simple: Any = signers.SimpleSigner
        signer = simple.load_pkcs12_data(self.content, other_certs=(), passphrase=self.password.encode())
        return _certified(pdf, signer, reason=reason, location=self.location)


def seal_of(settings: Settings) -> Seal:
    """Give the seal of an installation: the office's, else on trial that of our own making if it was made.

    Raises BadSetting when the office's file cannot be opened with its password.
    """
    if settings.seal_file is not None:
        return _office_seal(settings.seal_file, settings.seal_password or "", settings.office_place)
    folder = settings.home / TRIAL_FOLDER
    complete = all((folder / name).is_file() for name in (KEY_FILE, CERTIFICATE_FILE, AUTHORITY_FILE))
    return TrialSeal(folder) if complete and not settings.in_production else NoSeal()


def ensure_trial_seal(settings: Settings, now: datetime) -> None:
    """Make the seal of a trial installation unless there is one that still holds for a month."""
    folder = settings.home / TRIAL_FOLDER
    file = folder / CERTIFICATE_FILE
    if file.is_file():
        known = x509.load_pem_x509_certificate(file.read_bytes())
        if known.not_valid_after_utc > now + timedelta(days=30):
            return
    make_trial_seal(folder, settings.office_name, now)


def _office_seal(file: Path, password: str, location: str) -> OfficeSeal:
    try:
        content = file.read_bytes()
        key, certificate, _ = pkcs12.load_key_and_certificates(content, password.encode())
    except OSError as error:
        raise BadSetting(f"SEAL_FILE cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise BadSetting("SEAL_FILE is no PKCS#12 file that SEAL_PASSWORD opens") from error
    if key is None or certificate is None:
        raise BadSetting("SEAL_FILE holds no key with its certificate")
    return OfficeSeal(content, password, location)


def _certified(pdf: bytes, signer: Any, *, reason: str, location: str = "") -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
    from pyhanko.sign import signers  # noqa: PLC0415
    from pyhanko.sign.fields import SigSeedSubFilter  # noqa: PLC0415
    from pyhanko.sign.signers.constants import ESIC_EXTENSION_1  # noqa: PLC0415

    class Signer(signers.PdfSigner):
        def register_extensions(self, pdf_out: Any, *, md_algorithm: str) -> None:
            """Name PAdES and nothing else.

            For a key on an elliptic curve the library would also call the document a PDF 2.0, while PDF/A-3 and
            PDF/UA-1 stand on PDF 1.7 (ISO 19005-3, 6.1.2).
            """
            pdf_out.register_extension(ESIC_EXTENSION_1)

    metadata = signers.PdfSignatureMetadata(
        field_name="Segel",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
        location=location or None,
        certify=True,
    )
    sealed: Any = Signer(metadata, signer=signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)))
    return bytes(sealed.getvalue())


def make_trial_seal(folder: Path, office_name: str, now: datetime) -> TrialSeal:
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
    return TrialSeal(folder)


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
