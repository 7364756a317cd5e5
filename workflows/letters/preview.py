"""What a letter would say if it were issued now: filled and shown, without number, print or trace.

It reads what the letter itself would read, so that nobody sees more in a preview than the letter's recipient will. What
only the step that issues it knows stands as in the example of the letter's folder.
"""

import base64
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from jinja2 import TemplateError
from markupsafe import escape

from workflows.cases.models import Case
from workflows.catalogue.lined_yaml import read_yaml
from workflows.catalogue.manifest import CaseType
from workflows.errors import AmanahError, NotFound
from workflows.language import say
from workflows.letters import context
from workflows.letters.filling import fill
from workflows.letters.templates import LetterTemplate
from workflows.settings import Settings
from workflows.transaction import Tx

# In the place of a number that is given when the letter is issued.
NO_NUMBER = "…"
_MEDIA = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}


def preview(
    tx: Tx, case: Case, case_type: CaseType, name: str, files: Mapping[str, bytes], *, settings: Settings
) -> str:
    """Give the letter `name` as HTML that stands alone; `files` are those of its folder and what letters share.

    Nothing is written. Raises NotFound (`case.unknown`) for whoever may not see the case, and (`letter.unknown`);
    AmanahError (`letter.not_yet`) while what it speaks of is not there.
    """
    if not tx.may("case.read", case):
        raise NotFound("case.unknown")
    letter_type = case_type.letters.get(name)
    if letter_type is None:
        raise NotFound("letter.unknown", letter=name)
    template = LetterTemplate.of(files, folder=f"letters/{name}/")
    own = files.get("example.yml")
    values = read_yaml(own, f"letters/{name}/example.yml").get("values", {}) if own is not None else {}
    told = context.compose(
        tx, case, case_type, letter_type, number=NO_NUMBER, document_id=NO_NUMBER, settings=settings, values=values
    )
    try:
        html = fill(template.texts, "template.html", told, lenient=("contents",))
    except (TemplateError, ValueError, TypeError, ArithmeticError, LookupError) as error:
        raise AmanahError("letter.not_yet", letter=name) from error
    return _standing_alone(html, template)


def _standing_alone(html: str, template: LetterTemplate) -> str:
    """Put style and pictures into the page, and say above it what it is."""
    for name, content in template.pictures.items():
        media = _MEDIA[PurePosixPath(name).suffix.lower()]
        html = html.replace(f'src="{name}"', f'src="data:{media};base64,{base64.b64encode(content).decode()}"')
    told = say(
        "Pratinjau: belum terbit dan belum bernomor. Yang baru diketahui saat terbit diisi contoh.",
        "Preview: not issued, without a number. What is known only when it is issued stands as in the example.",
    )
    note = f'<p class="preview" role="note">{escape(told)}</p>'
    style = f"<style>{template.style}\n{_STYLE}</style>"
    html = re.sub(r"</head>", lambda _: f"{style}</head>", html, count=1)
    return re.sub(r"<body[^>]*>", lambda found: f"{found[0]}{note}", html, count=1)


# The sheet of paper, on a screen; its template speaks of print alone.
_STYLE = (
    "body{max-width:21cm;margin:0 auto;padding:1cm}"
    ".preview{border:2px solid #8a6d1a;background:#fff7dd;padding:.6em 1em;font-weight:bold}"
)
