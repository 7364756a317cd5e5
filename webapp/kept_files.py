"""Files that come with a form, and those that have come already while the form is still being filled in.

A file that arrived with a form that must be mended is put to rest at once; the page gets a signed token for it, and
the next post brings the token instead of the file. So nobody sends a photo twice over a slow line.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from webapp.extensions import db
from webapp.uploads import received as received_files
from webapp.uploads import temporary_stream
from workflows.errors import InvalidAnswers, NotFound
from workflows.evidence.uploads import Limits, Upload, clean_name, examine
from workflows.storage import queries as storage
from workflows.storage.operations import put
from workflows.transaction import Tx

# How long a file waits for its form to be sent.
WAITS = 24 * 3600
# (field name, code, facts), as the domain tells what is wrong with a posted form.
DomainProblem = tuple[str, str, dict[str, Any]]


@dataclass(frozen=True)
class KeptFile:
    """A file that has already arrived and waits for the form to be sent."""

    # What stands for the file in the form; signed, so that nobody can name a file that is not theirs.
    token: str
    name: str
    size: int


@dataclass(frozen=True)
class Received:
    """The files of one post."""

    # All that may be stored, in the order in which they came.
    uploads: tuple[Upload, ...]
    # What is wrong with the others, and with all of them together.
    problems: tuple[DomainProblem, ...]


def limits() -> Limits:
    """Give the limits of this installation."""
    return Limits.of(current_app.extensions["amanah_settings"])


def receive(fields: Iterable[str], typed: Mapping[str, Sequence[str]] | None = None) -> Received:
    """Take the files that were posted to these fields, fresh ones and those that had arrived before.

    `typed` is the post where it is not the request's own: rows that the page did not show may have files too.
    """
    uploads: list[Upload] = []
    problems: list[DomainProblem] = []
    fresh = received_files(request.files)
    for field in fields:
        for token in request.form.getlist(f"{field}_kept") if typed is None else typed.get(f"{field}_kept", ()):
            waiting = _open(field, token)
            if waiting is not None:
                uploads.append(waiting)
            else:
                problems.append((field, "file.gone", {}))
        uploads.extend(sent for sent in fresh if sent.field == field)
    good: list[Upload] = []
    for upload in uploads:
        try:
            examine([upload], limits())
            good.append(upload)
        except InvalidAnswers as error:
            problems.extend(problem for problem in error.problems if problem[1].startswith("file."))
    try:
        examine(good, limits())
    except InvalidAnswers as error:
        problems.extend(error.problems)
    return Received(tuple(good), tuple(problems))


def keep(tx: Tx, uploads: Sequence[Upload]) -> dict[str, tuple[KeptFile, ...]]:
    """Put files to rest until their report is sent, and give what stands for them in the page, by field."""
    kept: dict[str, list[KeptFile]] = {}
    for upload in uploads:
        stored = put(tx, upload.stream)
        name = clean_name(upload.name)
        token = _signer().dumps([_place(upload.field), stored.checksum, name, stored.size])
        kept.setdefault(upload.field, []).append(KeptFile(token, name, stored.size))
    return {field: tuple(files) for field, files in kept.items()}


def waiting(typed: Mapping[str, Sequence[str]], fields: Iterable[str]) -> dict[str, tuple[KeptFile, ...]]:
    """Give the files that a draft speaks of and that still wait, by field."""
    found: dict[str, tuple[KeptFile, ...]] = {}
    for field in fields:
        kept = [(token, _read(field, token)) for token in typed.get(f"{field}_kept", ())]
        found[field] = tuple(KeptFile(token, each[1], each[2]) for token, each in kept if each is not None)
    return {field: files for field, files in found.items() if files}


def tokens(kept: Mapping[str, Sequence[KeptFile]]) -> dict[str, list[str]]:
    """Give what stands for kept files in a draft: the posted name of each field's tokens, and the tokens."""
    return {f"{field}_kept": [file.token for file in files] for field, files in kept.items()}


def status_of(problems: Sequence[DomainProblem]) -> int:
    """Give the status of a form that comes back: too large, or otherwise not in order."""
    return 413 if any(code.endswith("too_large") for _, code, _ in problems) else 422


def _open(field: str, token: str) -> Upload | None:
    """Find a file that had arrived before; None when the token is not ours, too old, or meant for another field."""
    known = _read(field, token)
    if known is None:
        return None
    checksum, name, _ = known
    stream = temporary_stream()
    try:
        storage.copy_to(db.session(), checksum, stream)
    except NotFound:
        return None
    stream.seek(0)
    return Upload(field, name, stream)


def _read(field: str, token: str) -> tuple[str, str, int] | None:
    """Give checksum, name and size of what a token stands for; None when it is not ours, or for another field."""
    try:
        meant_for, checksum, name, size = _signer().loads(token, max_age=WAITS)
    except (BadSignature, ValueError):
        return None
    return (str(checksum), str(name), int(size)) if meant_for == _place(field) else None


def _place(field: str) -> str:
    """Give the field without the number of its row: a file goes with its row when the rows before it are removed."""
    return re.sub(r"\[\d+\]", "[]", field)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="kept-file")
