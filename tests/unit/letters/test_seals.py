"""The seal from files: it is valid, covers the whole document, and breaks with any changed byte."""

import io
from pathlib import Path

import pytest
from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import validation
from pyhanko_certvalidator import ValidationContext

from factories import NOW
from workflows.letters.render import pdf
from workflows.letters.seals import AUTHORITY_FILE, KEY_FILE, FileSeal, NoSeal, make_trial_seal, seal_in

HTML = '<!doctype html><html lang="id"><head><title>Surat</title></head><body><h1>Surat</h1><p>Isi.</p></body></html>'


@pytest.fixture(scope="module")
def document() -> bytes:
    return pdf(HTML, "").content


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


def test_changed_byte_breaks_the_seal(tmp_path: Path, document: bytes) -> None:
    sealed = bytearray(make_trial_seal(tmp_path, "Kantor", NOW).seal(document, reason="700/1"))
    place = sealed.index(b"stream\n") + 12
    sealed[place] ^= 1

    assert not validate(bytes(sealed), tmp_path).intact


def test_private_key_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    make_trial_seal(tmp_path, "Kantor", NOW)

    assert (tmp_path / KEY_FILE).stat().st_mode & 0o077 == 0


def test_without_files_documents_stay_as_they_are(tmp_path: Path, document: bytes) -> None:
    seal = seal_in(tmp_path / "nothing")

    assert isinstance(seal, NoSeal)
    assert seal.seal(document, reason="") == document


def test_folder_with_all_files_gives_the_file_seal(tmp_path: Path) -> None:
    make_trial_seal(tmp_path, "Kantor", NOW)

    assert isinstance(seal_in(tmp_path), FileSeal)
