"""Files that come with a report, and those that have come already while the report is still being written.

A file that arrived with a form that must be mended is put to rest at once; the page gets a signed token for it, and
the next post brings the token instead of the file. So nobody sends a photo twice over a slow line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from webapp.extensions import db
from webapp.form_fields import DomainProblem, KeptFile
from webapp.uploads import received as received_files
from webapp.uploads import temporary_stream
from workflows.errors import InvalidAnswers, NotFound
from workflows.evidence.uploads import Limits, Upload, clean_name, examine
from workflows.storage import queries as storage
from workflows.storage.operations import put
from workflows.transaction import Tx

# How long a file waits for its report to be sent.
WAITS = 24 * 3600


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


def receive(fields: Iterable[str]) -> Received:
    """Take the files that were posted to these fields, fresh ones and those that had arrived before."""
    uploads: list[Upload] = []
    problems: list[DomainProblem] = []
    fresh = received_files(request.files)
    for field in fields:
        for token in request.form.getlist(f"{field}_kept"):
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
        token = _signer().dumps([upload.field, stored.checksum, name, stored.size])
        kept.setdefault(upload.field, []).append(KeptFile(token, name, stored.size))
    return {field: tuple(files) for field, files in kept.items()}


def status_of(problems: Sequence[DomainProblem]) -> int:
    """Give the status of a form that comes back: too large, or otherwise not in order."""
    return 413 if any(code.endswith("too_large") for _, code, _ in problems) else 422


def _open(field: str, token: str) -> Upload | None:
    """Find a file that had arrived before; None when the token is not ours, too old, or meant for another field."""
    try:
        meant_for, checksum, name, _ = _signer().loads(token, max_age=WAITS)
    except (BadSignature, ValueError):
        return None
    if meant_for != field:
        return None
    stream = temporary_stream()
    try:
        storage.copy_to(db.session(), checksum, stream)
    except NotFound:
        return None
    stream.seek(0)
    return Upload(field, name, stream)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="kept-file")
