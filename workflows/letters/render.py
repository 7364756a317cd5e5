"""The only printer of the house: HTML and CSS in, PDF out. Nobody else imports WeasyPrint.

It fetches nothing: pictures and fonts are those that it is given, by name, and data: addresses. WeasyPrint and the
libraries under it take seconds to load and may be missing, so they are loaded when the first page is printed.
"""

import json
import logging
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, cast

from workflows.language import say

# "archival" is PDF/A-3a, which may carry data as an attachment, and PDF/UA-1 in the same file: a letter has one
# original, and whoever reads with a screen reader reads that one. "accessible" is PDF/UA-1 alone, without data.
Variant = Literal["archival", "accessible"]

_VARIANTS: Mapping[Variant, str] = {"archival": "pdf/a-3a", "accessible": "pdf/ua-1"}
# Where the build puts the font of the house; without it the printer uses what the system has.
FONTS = Path(__file__).parents[2] / "webapp" / "static" / "dist" / "fonts"
_CUTS = (("400-normal", 400, "normal"), ("700-normal", 700, "normal"), ("400-italic", 400, "italic"))
_MEDIA_TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".ttf": "font/ttf",
    ".woff2": "font/woff2",
    ".css": "text/css",
}


class PrinterMissing(Exception):
    """WeasyPrint cannot load the system's text libraries; the message says what to install."""


class ForbiddenSource(Exception):
    """A document asked for something that it was not given; the message names it."""


@dataclass(frozen=True)
class Printed:
    """A finished document."""

    content: bytes
    pages: int


def pdf(
    html: str,
    css: str,
    assets: Mapping[str, bytes] | None = None,
    *,
    variant: Variant = "archival",
    data: Mapping[str, Any] | None = None,
) -> Printed:
    """Print a document.

    `assets` are pictures by the name under which HTML and CSS speak of them. `data` goes along as a JSON attachment of
    an archival document. Raises PrinterMissing, and ForbiddenSource for any other address in the document.
    """
    weasyprint = _weasyprint()
    fetcher = _fetcher({**(assets or {}), **_fonts()})
    fonts = weasyprint.text.fonts.FontConfiguration()
    attachments = []
    if data is not None and variant == "archival":
        attachments.append(
            weasyprint.Attachment(
                string=json.dumps(data, ensure_ascii=False, indent=1).encode(),
                name="data.json",
                description=say("Data dokumen ini", "The data of this document"),
                relationship="Data",
            )
        )
    try:
        document = weasyprint.HTML(string=html, base_url=_BASE, url_fetcher=fetcher).render(
            stylesheets=[
                weasyprint.CSS(string=_font_faces() + css, base_url=_BASE, url_fetcher=fetcher, font_config=fonts)
            ],
            font_config=fonts,
            pdf_variant=_VARIANTS[variant],
        )
        if variant == "archival":
            document.metadata.generate_rdf_metadata = _also_accessible(document.metadata.generate_rdf_metadata)
        with warnings.catch_warnings():
            # WeasyPrint 70 leaves its colour profile to the garbage collector to close.
            warnings.simplefilter("ignore", ResourceWarning)
            content = document.write_pdf(pdf_variant=_VARIANTS[variant], attachments=attachments or None)
    except weasyprint.urls.FatalURLFetchingError as error:
        # It derives from BaseException, past every handler that catches what a job may raise.
        raise ForbiddenSource(str(error)) from None
    return Printed(content, len(document.pages))


def _also_accessible(describe: Callable[..., bytes]) -> Callable[..., bytes]:
    """Let an archival document say that it is PDF/UA-1 too.

    WeasyPrint builds both from the same tagged structure, and says one name only. PDF/A wants every property that it
    does not know itself described in the document (ISO 19005-3, 6.6.2.3).
    """

    def described(*given: Any) -> bytes:
        head, end, rest = describe(*given).rpartition(b"</rdf:RDF>")
        return head + _ACCESSIBLE_TOO.encode() + end + rest

    return described


_ACCESSIBLE_TOO = """
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the document follows</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""


# Relative addresses in a document are names of its assets. The base must be of a scheme that can be joined with; it is
# never asked, and RFC 2606 keeps the name from ever existing.
_BASE = "http://assets.invalid/"


@cache
def _weasyprint() -> ModuleType:
    try:
        import weasyprint  # noqa: PLC0415 (takes seconds, and needs libraries that a web process does without)
    except OSError as error:
        raise PrinterMissing(
            say(
                "Pencetak PDF memerlukan pustaka Pango, yang tidak ditemukan di mesin ini. Pasang:"
                " Debian atau Ubuntu `apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0`,"
                " Fedora `dnf install pango`, Alpine `apk add pango`, macOS `brew install pango`.",
                "Printing PDF needs the Pango libraries, which this machine lacks. Install them:"
                " Debian or Ubuntu `apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0`,"
                " Fedora `dnf install pango`, Alpine `apk add pango`, macOS `brew install pango`.",
            )
        ) from error
    # What it has to say about style sheets is for their authors, and may quote the document.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    return cast(ModuleType, weasyprint)


def _fetcher(assets: Mapping[str, bytes]) -> Any:
    """Make the fetcher of one print, which knows the given assets and data: addresses and nothing else."""
    urls = _weasyprint().urls

    class ClosedFetcher(urls.URLFetcher):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__(allowed_protocols=("data",), allow_redirects=False)

        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith("data:"):
                return super().fetch(url, headers)
            name = url.removeprefix(_BASE)
            if name == url or name not in assets:
                raise urls.FatalURLFetchingError(url)
            media_type = _MEDIA_TYPES.get(Path(name).suffix.lower(), "application/octet-stream")
            return urls.URLFetcherResponse(url, assets[name], {"Content-Type": media_type})

    return ClosedFetcher()


@cache
def _fonts() -> Mapping[str, bytes]:
    """Give the font's cuts unpacked: WeasyPrint would unpack all of them for every document, in Python."""
    from fontTools.ttLib import woff2  # noqa: PLC0415 (slow to load, as WeasyPrint is)

    files = {f"fonts/source-sans-3-{cut}.ttf": FONTS / f"source-sans-3-{cut}.woff2" for cut, _, _ in _CUTS}
    if not all(file.is_file() for file in files.values()):
        return {}
    unpacked = {name: BytesIO() for name in files}
    for name, file in files.items():
        woff2.decompress(file, unpacked[name])
    return {name: font.getvalue() for name, font in unpacked.items()}


def _font_faces() -> str:
    """The house's font, and that margins of pages use it too: they inherit nothing from the body."""
    margins = '@page{font-family:"Source Sans 3","DejaVu Sans",sans-serif}'
    if not _fonts():
        return margins
    return margins + "".join(
        f'@font-face{{font-family:"Source Sans 3";font-weight:{weight};font-style:{style};'
        f"src:url({_BASE}fonts/source-sans-3-{cut}.ttf)}}"
        for cut, weight, style in _CUTS
    )
