"""Seals: valid, over the whole document, broken by any changed byte, and honest about whose they are."""

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import pem, x509
from cryptography.hazmat.primitives.serialization import PrivateFormat, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509 import load_pem_x509_certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import validation
from pyhanko_certvalidator import ValidationContext

from factories import NOW
from prints import faults
from workflows.letters.render import pdf
from workflows.letters.seals import (
    AUTHORITY_FILE,
    CERTIFICATE_FILE,
    KEY_FILE,
    ensure_trial_seal,
    make_trial_seal,
    seal_of,
)
from workflows.settings import BadSetting, Settings

HTML = '<!doctype html><html lang="id"><head><title>Surat</title></head><body><h1>Surat</h1><p>Isi.</p></body></html>'


@pytest.fixture(scope="module")
def document() -> bytes:
    return pdf(HTML, "").content


@pytest.fixture
def office(tmp_path: Path) -> Settings:
    """A trial installation with a home of its own."""
    return Settings.from_env({"AMANAH_HOME": str(tmp_path)})


def validate(document: bytes, folder: Path) -> validation.PdfSignatureStatus:
    _, _, root = pem.unarmor((folder / AUTHORITY_FILE).read_bytes())
    context = ValidationContext(trust_roots=[x509.Certificate.load(root)], moment=NOW)
    signature = PdfFileReader(io.BytesIO(document)).embedded_signatures[0]
    return validation.validate_pdf_signature(signature, context)


def test_sealed_document_is_valid_as_a_whole(tmp_path: Path, document: bytes) -> None:
    sealed = make_trial_seal(tmp_path, "Pemerintah Kabupaten Langkat", NOW).seal(document, reason="700/1")

    status = validate(sealed, tmp_path)

    assert sealed.startswith(document)
    assert (status.intact, status.valid, status.trusted) == (True, True, True)
    assert status.coverage == validation.SignatureCoverageLevel.ENTIRE_FILE


def test_a_seal_leaves_the_document_as_accessible_as_it_was(tmp_path: Path, document: bytes) -> None:
    sealed = make_trial_seal(tmp_path, "Kantor", NOW).seal(document, reason="700/1")

    assert faults(document) == faults(sealed) == []
    with pikepdf.open(io.BytesIO(sealed)) as pdf:
        # PDF/A-3 and PDF/UA-1 stand on PDF 1.7, whatever the key of the seal.
        assert ("/Version" in pdf.Root, list(pdf.Root.Extensions.keys())) == (False, ["/ESIC"])


def test_changed_byte_breaks_the_seal(tmp_path: Path, document: bytes) -> None:
    sealed = bytearray(make_trial_seal(tmp_path, "Kantor", NOW).seal(document, reason="700/1"))
    place = sealed.index(b"stream\n") + 12
    sealed[place] ^= 1

    assert not validate(bytes(sealed), tmp_path).intact


def test_private_key_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    make_trial_seal(tmp_path, "Kantor", NOW)

    assert (tmp_path / KEY_FILE).stat().st_mode & 0o077 == 0


def test_without_files_documents_stay_as_they_are(office: Settings, document: bytes) -> None:
    seal = seal_of(office)

    assert (seal.kind, seal.seal(document, reason="")) == ("none", document)


def test_a_trial_makes_its_seal_once_and_anew_before_it_ends(office: Settings) -> None:
    ensure_trial_seal(office, NOW)
    file = office.home / "seal" / CERTIFICATE_FILE
    first = file.read_bytes()
    ensure_trial_seal(office, NOW + timedelta(days=600))

    assert file.read_bytes() == first
    assert seal_of(office).kind == "trial"
    ensure_trial_seal(office, NOW + timedelta(days=720))
    assert file.read_bytes() != first


def test_a_real_office_never_seals_with_a_trial(office: Settings) -> None:
    ensure_trial_seal(office, NOW)

    assert seal_of(replace(office, environment="production")).kind == "none"


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PKCS#12 file as an authority hands it out, with the password "rahasia"."""
    folder = tmp_path_factory.mktemp("authority")
    make_trial_seal(folder, "Kantor", NOW)
    key = load_pem_private_key((folder / KEY_FILE).read_bytes(), None)
    certificate, authority = (
        load_pem_x509_certificate((folder / name).read_bytes()) for name in (CERTIFICATE_FILE, AUTHORITY_FILE)
    )
    protection = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(1).build(b"rahasia")
    content = serialize_key_and_certificates(b"segel", key, certificate, [authority], protection)  # type: ignore[arg-type]
    (folder / "office.p12").write_bytes(content)
    return folder


def test_the_seal_of_the_office_comes_from_its_file(office: Settings, packed: Path, document: bytes) -> None:
    seal = seal_of(replace(office, seal_file=packed / "office.p12", seal_password="rahasia"))

    status = validate(seal.seal(document, reason="700/1"), packed)

    assert seal.kind == "office"
    assert (status.intact, status.valid, status.trusted) == (True, True, True)
    assert "rahasia" not in repr(seal)


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [("office.p12", "salah", "SEAL_PASSWORD"), (KEY_FILE, "rahasia", "PKCS#12"), ("none.p12", "", "cannot be read")],
)
def test_a_file_that_is_no_seal_is_refused_at_the_start(
    office: Settings, packed: Path, name: str, password: str, said: str
) -> None:
    with pytest.raises(BadSetting, match=said):
        seal_of(replace(office, seal_file=packed / name, seal_password=password))
