"""How a new second factor is shown: as a picture that an authenticator reads, and as a key that people type."""

import segno
from flask import current_app
from flask_babel import gettext
from markupsafe import Markup

from workflows.people.second_factor import enrolment_address
from workflows.settings import Settings


def picture_of(secret: str, login: str) -> Markup:
    """Draw what the authenticator reads; `login` is what it will call the account."""
    settings: Settings = current_app.extensions["amanah_settings"]
    address = enrolment_address(secret, login=login, office=f"Amanah {settings.office_name}")
    drawn = segno.make(address, error="m").svg_inline(
        scale=5, border=2, omitsize=True, title=gettext("Gambar kode untuk aplikasi")
    )
    # The picture is drawn by us from text that is ours.
    return Markup(drawn)  # noqa: S704


def key_of(secret: str) -> str:
    """Write the key in groups of four signs."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
