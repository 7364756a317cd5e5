"""Picture codes (QR) on receipts: an address that a telephone opens, drawn as SVG."""

import segno
from flask import current_app
from flask_babel import gettext
from markupsafe import Markup

from workflows.settings import Settings


def code_picture(code: str) -> Markup:
    """Draw the address of the tracking page with the code behind its `#`, which browsers never send to anybody."""
    settings: Settings = current_app.extensions["amanah_settings"]
    address = f"{settings.public_url}/lacak#{code}"
    drawn = segno.make(address, error="m").svg_inline(
        scale=4, border=2, omitsize=True, svgclass="app-qr", lineclass=None, title=gettext("Kode QR ke laporan ini")
    )
    return Markup(drawn)  # noqa: S704 (drawn here, from our own address and digits)
