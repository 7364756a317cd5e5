"""Files on their way to a reader: the connection that they were read over comes back."""

from unittest.mock import Mock

import pytest
from flask import Flask, Response

from webapp import downloads
from webapp.extensions import db
from workflows.evidence.queries import Download


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """The session of the request that asks for the file."""
    session = Mock()
    monkeypatch.setattr(db, "session", Mock(return_value=session))
    return session


def download(application: Flask) -> Response:
    with application.test_request_context():
        return downloads.send_download(Download("foto.jpg", "image/jpeg", 6, iter((b"abc", b"def"))))


def test_the_session_is_closed_with_the_last_piece(application: Flask, session: Mock) -> None:
    pieces = iter(download(application).response)
    assert next(pieces) == b"abc"
    session.close.assert_not_called()
    assert list(pieces) == [b"def"]
    session.close.assert_called_once()


def test_the_session_is_closed_when_the_reader_leaves(application: Flask, session: Mock) -> None:
    response = download(application)
    next(iter(response.response))
    response.close()
    session.close.assert_called_once()
