"""Printing: the variants promise what their names say, and a document fetches nothing that it was not given."""

import builtins
import io
import json

import pikepdf
import pytest

from workflows.letters import render
from workflows.letters.filling import fill, qr_picture
from workflows.letters.render import ForbiddenSource, PrinterMissing, pdf

CSS = "@page{size:A4;margin:20mm}body{font-family:'Source Sans 3',sans-serif}"
PIXEL = "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>"


def page(body: str) -> str:
    return (
        f'<!doctype html><html lang="id"><head><title>Surat uji</title></head><body><h1>Surat</h1>{body}</body></html>'
    )


def opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


@pytest.fixture(scope="module")
def archival() -> bytes:
    return pdf(page("<p>Isi</p>"), CSS, variant="archival", data={"number": "PGD-1"}).content


@pytest.fixture(scope="module")
def accessible() -> bytes:
    return pdf(page("<p>Isi</p>"), CSS, variant="accessible", data={"number": "PGD-1"}).content


def test_archival_print_says_that_it_is_pdf_a_3a(archival: bytes) -> None:
    with opened(archival) as document, document.open_metadata() as metadata:
        assert (metadata.get("pdfaid:part"), str(metadata.get("pdfaid:conformance")).upper()) == ("3", "A")
        assert metadata.get("dc:title") == "Surat uji"
        assert "/OutputIntents" in document.Root


def test_archival_print_is_accessible_too_and_describes_that_property(archival: bytes) -> None:
    with opened(archival) as document, document.open_metadata() as metadata:
        assert metadata.get("pdfuaid:part") == "1"
        assert bool(document.Root.ViewerPreferences.DisplayDocTitle)
        packet = document.Root.Metadata.read_bytes()
    # One packet holds one description of the whole; ISO 19005-3 wants the foreign property described in it.
    assert packet.count(b"<rdf:RDF") == packet.count(b"</rdf:RDF>") == 1
    assert b"<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/<" in packet


def test_archival_print_carries_its_data(archival: bytes) -> None:
    with opened(archival) as document:
        assert json.loads(document.attachments["data.json"].get_file().read_bytes()) == {"number": "PGD-1"}
        assert {str(file.AFRelationship) for file in document.Root.AF} == {"/Data"}


def test_accessible_print_says_that_it_is_pdf_ua_1(accessible: bytes) -> None:
    with opened(accessible) as document, document.open_metadata() as metadata:
        assert metadata.get("pdfuaid:part") == "1"
        assert not document.attachments


@pytest.mark.parametrize("variant", ["archival", "accessible"])
def test_print_is_tagged_and_tells_its_language(variant: str, request: pytest.FixtureRequest) -> None:
    with opened(request.getfixturevalue(variant)) as document:
        assert bool(document.Root.MarkInfo.Marked)
        assert "/StructTreeRoot" in document.Root
        assert str(document.Root.Lang) == "id"


@pytest.mark.parametrize("variant", ["archival", "accessible"])
def test_every_font_is_inside_the_document(variant: str, request: pytest.FixtureRequest) -> None:
    with opened(request.getfixturevalue(variant)) as document:
        for sheet in document.pages:
            for font in sheet.Resources.get("/Font", {}).values():
                descriptor = font.get("/DescendantFonts", [font])[0].FontDescriptor
                assert any(name in descriptor for name in ("/FontFile", "/FontFile2", "/FontFile3"))


def test_given_pictures_and_data_addresses_are_printed() -> None:
    emblem = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'

    printed = pdf(
        page(f'<img src="emblem.svg" alt="Lambang"><img src="{PIXEL}" alt="Titik">'), CSS, {"emblem.svg": emblem}
    )

    assert printed.pages == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/x.png",
        "https://example.org/x.png",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "../../etc/passwd",
        "other.svg",
        "http://assets.invalid/other.svg",
    ],
)
def test_any_other_address_stops_the_print(address: str) -> None:
    with pytest.raises(ForbiddenSource):
        pdf(page(f'<img src="{address}" alt="x">'), CSS)


def test_style_sheet_cannot_fetch_either() -> None:
    with pytest.raises(ForbiddenSource):
        pdf(page("<p>x</p>"), CSS + "body{background:url(file:///etc/hostname)}")


def test_typed_markup_is_printed_as_text_and_fetches_nothing() -> None:
    html = fill({"t": page("{{ story | paragraphs }}")}, "t", {"story": '<img src="file:///etc/passwd"> & <script>'})

    assert "<img" not in html
    assert pdf(html, CSS).pages == 1


def test_qr_code_has_a_title_for_those_who_cannot_see_it() -> None:
    picture = qr_picture("http://localhost/verifikasi/X", title="Periksa <keaslian>")

    assert "<title>Periksa &lt;keaslian&gt;</title>" in picture
    assert 'role="img"' in picture


def test_missing_pango_is_one_clear_sentence_that_names_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot_load(name: str, *rest: object) -> object:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real_import(name, *rest)

    real_import = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", cannot_load)
    render._weasyprint.cache_clear()

    with pytest.raises(PrinterMissing, match=r"libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"):
        pdf(page(""), CSS)
    render._weasyprint.cache_clear()
