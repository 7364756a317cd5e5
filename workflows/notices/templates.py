"""The words of notices: YAML files of the case types, read into frozen templates and filled by sandboxed Jinja.

A template may only ask for the names in VARIABLES: numbers, dates and words that the process designer wrote. So a
notice cannot carry what a reporter or an officer wrote, whatever its author intended. About a confidential case
nothing is said at all but that something changed.

A file looks like this; the keys with `_en` hold the English words, and `whatsapp` is optional:

    id: stage_changed
    subject: Perkembangan laporan {{ number }}
    subject_en: News about report {{ number }}
    text: |
      Laporan Anda {{ number }} kini berstatus {{ stage }}.
    text_en: |
      Your report {{ number }} is now {{ stage }}.
    bell: Kasus {{ number }}: {{ stage }}
    bell_en: "Case {{ number }}: {{ stage }}"
    whatsapp: amanah_perkembangan          # name of the template that the provider has approved
    whatsapp_parameters: ["{{ number }}", "{{ stage }}"]
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

import yaml
from babel.dates import format_date
from jinja2 import StrictUndefined, Template, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from workflows import plain_yaml
from workflows.errors import BrokenDefinition, Finding
from workflows.language import say

# What a template may ask for, and what stands there.
VARIABLES: Mapping[str, str] = {
    "number": "the case number",
    "case_type": "title of the case type",
    "stage": "public title of the stage",
    "step": "what the task is called in the diagram",
    "deadline": "id of the deadline in the register",
    "basis": "legal basis of the deadline",
    "due": "the day promised, as YYYY-MM-DD; write {{ due | day }} for words",
    "days": "working days that are left",
    "unit": "name of the unit that handles the case",
    "letter": "title of the letter",
    "letter_number": "number of the letter",
    "office": "name of the office",
    "period": "the quarter or year of a recapitulation, in words",
}
LANGUAGES = ("id", "en")
# Longest template text that is read; a notice is a few sentences.
_LONGEST = 8_000
_PARTS = ("subject", "text", "bell")


@dataclass(frozen=True)
class Texts:
    """A filled template in one language."""

    subject: str
    text: str
    # One line for the bell in the application.
    bell: str

    def as_dict(self) -> dict[str, str]:
        """The same as plain JSON."""
        return {"subject": self.subject, "text": self.text, "bell": self.bell}


@dataclass(frozen=True)
class NoticeTemplate:
    """The words of one kind of notice, not yet filled."""

    id: str
    # Language -> part ("subject", "text", "bell") -> Jinja text.
    parts: Mapping[str, Mapping[str, str]]
    # Name of the approved template at the provider, and the Jinja texts of its parameters; None when not sent so.
    whatsapp: str | None = None
    whatsapp_parameters: tuple[str, ...] = ()
    # Names of VARIABLES that its texts ask for.
    names: frozenset[str] = frozenset()

    def fill(self, language: str, values: Mapping[str, Any]) -> Texts:
        """Fill the template; a value that it asks for and does not get raises jinja2.UndefinedError."""
        filled = {part: _render(text, language, values) for part, text in self.parts[language].items()}
        return Texts(
            subject=" ".join(filled["subject"].split()),
            text=filled["text"].strip(),
            bell=" ".join(filled["bell"].split()),
        )

    def fill_whatsapp(self, language: str, values: Mapping[str, Any]) -> list[str]:
        """Fill the parameters of the provider's template, each one line as the provider demands."""
        return [" ".join(_render(text, language, values).split()) for text in self.whatsapp_parameters]


# All that may leave the house about a confidential case.
NEUTRAL = NoticeTemplate(
    id="something_changed",
    parts={
        "id": {
            "subject": "Ada perubahan, silakan masuk",
            "text": "Ada perubahan yang perlu Anda lihat. Silakan masuk ke aplikasi untuk membacanya.",
            "bell": "Ada perubahan yang perlu Anda lihat.",
        },
        "en": {
            "subject": "Something changed, please sign in",
            "text": "Something changed that you should see. Please sign in to read it.",
            "bell": "Something changed that you should see.",
        },
    },
    whatsapp="amanah_ada_perubahan",
)


def read(source: bytes, file: str) -> NoticeTemplate:
    """Read one template; raise BrokenDefinition that says what to mend."""
    try:
        data = plain_yaml.load(source)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        raise _broken(
            file, "notice.unreadable", "Berkas ini bukan YAML yang benar", "This is not valid YAML", line=mark
        ) from error
    if not isinstance(data, dict) or not isinstance(data.get("id"), str):
        raise _broken(file, "notice.no_id", "Pemberitahuan perlu `id`", "A notice needs an `id`")
    known = {"id", "whatsapp", "whatsapp_parameters", *_PARTS, *(f"{part}_en" for part in _PARTS)}
    if unknown := sorted(set(map(str, data)) - known):
        raise _broken(
            file, "notice.unknown_key", f"Kunci tidak dikenal: {', '.join(unknown)}", f"Unknown: {', '.join(unknown)}"
        )
    parts: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        ending = "" if language == "id" else "_en"
        parts[language] = {}
        for part in _PARTS:
            text = data.get(part + ending)
            if part == "bell" and text is None:
                text = data.get("subject" + ending)
            if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST:
                raise _broken(
                    file, "notice.no_text", f"`{part}{ending}` harus berisi teks", f"`{part}{ending}` must hold text"
                )
            parts[language][part] = text
    parameters = data.get("whatsapp_parameters", [])
    if not isinstance(parameters, list) or not all(isinstance(text, str) for text in parameters):
        raise _broken(
            file,
            "notice.bad_parameters",
            "`whatsapp_parameters` harus berupa daftar teks",
            "`whatsapp_parameters` must be a list of texts",
        )
    whatsapp = data.get("whatsapp")
    template = NoticeTemplate(data["id"], parts, str(whatsapp) if whatsapp else None, tuple(parameters))
    return replace(template, names=_names(template, file))


def _names(template: NoticeTemplate, file: str) -> frozenset[str]:
    """Give the names that the texts ask for; BrokenDefinition for one that no notice may hold."""
    names: set[str] = set()
    texts = [text for parts in template.parts.values() for text in parts.values()] + list(template.whatsapp_parameters)
    for text in texts:
        try:
            asked = meta.find_undeclared_variables(_environments["id"].parse(text))
            _environments["id"].from_string(text)
        except TemplateError as error:
            raise _broken(
                file, "notice.broken_text", f"Teks tidak dapat diisi: {error}", f"The text cannot be filled: {error}"
            ) from error
        if unknown := sorted(asked - VARIABLES.keys()):
            raise _broken(
                file,
                "notice.unknown_name",
                f"Pemberitahuan tidak boleh memuat: {', '.join(unknown)}",
                f"A notice may not hold: {', '.join(unknown)}",
                fix=say("Pakai salah satu dari: ", "Use one of: ") + ", ".join(VARIABLES),
            )
        names |= asked
    return frozenset(names)


def _broken(
    file: str, code: str, indonesian: str, english: str, *, fix: str = "", line: Any = None
) -> BrokenDefinition:
    number = line.line + 1 if line is not None else 1
    return BrokenDefinition([Finding(code=code, message=say(indonesian, english), fix=fix, file=file, line=number)])


def _environment(language: str) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    # Loops and ranges have no place in a notice and could be made to run for long.
    environment.globals.clear()
    environment.filters["day"] = lambda value: format_date(
        value if isinstance(value, date) else date.fromisoformat(str(value)), "d MMMM y", locale=language
    )
    return environment


_environments = {language: _environment(language) for language in LANGUAGES}


def _render(text: str, language: str, values: Mapping[str, Any]) -> str:
    return _compiled(text, language).render(dict(values))


@lru_cache(maxsize=1_024)
def _compiled(text: str, language: str) -> Template:
    """Compile a text once: every act tells somebody, and compiling takes longer than the telling."""
    return _environments[language].from_string(text)
