"""Mail through a real SMTP server in this process, and WhatsApp against a server that checks the request."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from ports import free_port
from workflows.notices.senders import Message, SendingFailed, SmtpSender, Undeliverable, WhatsAppSender, senders_of
from workflows.settings import Settings

MESSAGE = Message(
    id=UUID("6f0c1e6e-1111-4222-8333-444455556666"),
    to="pelapor@localhost",
    subject="Perkembangan laporan PGD-2026-00001 – dijawab",
    text="Laporan Anda sudah dijawab.\n\nLacak: http://localhost/lacak\n",
    language="id",
    written_at=datetime(2026, 3, 2, 2, 0, tzinfo=UTC),
    template="amanah_perkembangan",
    parameters=("PGD-2026-00001", "Dijawab"),
)


class Mailbox:
    """Keeps what it is given, unless it is told to refuse."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.refusal = ""

    async def handle_RCPT(  # noqa: N802 (aiosmtpd names its hooks after commands)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        return "250 OK"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def smtp_port(mailbox: Mailbox) -> Iterator[int]:
    def knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(handled=False, success=(data.login, data.password) == (b"amanah", b"kunci"))

    # aiosmtpd calls its own port once to see whether it stands, so it has to know the number beforehand.
    port = free_port()
    controller = Controller(
        mailbox, hostname="127.0.0.1", port=port, authenticator=knows, auth_require_tls=False, auth_required=False
    )
    controller.start()
    yield port
    controller.stop()


def smtp(port: int, **more: Any) -> SmtpSender:
    return SmtpSender("127.0.0.1", port, "amanah@langkat.localhost", "Pemerintah Kabupaten Langkat", **more)


class TestMail:
    def test_arrives_as_it_was_written(self, smtp_port: int, mailbox: Mailbox) -> None:
        smtp(smtp_port).send(MESSAGE)

        (envelope,) = mailbox.envelopes
        assert envelope.rcpt_tos == ["pelapor@localhost"]
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert mail["Subject"] == MESSAGE.subject
        assert mail["From"] == "Pemerintah Kabupaten Langkat <amanah@langkat.localhost>"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["Content-Language"] == "id"
        assert mail.get_content().replace("\r\n", "\n") == MESSAGE.text

    def test_sent_twice_is_recognised_as_one_by_its_id(self, smtp_port: int, mailbox: Mailbox) -> None:
        ids = {smtp(smtp_port).send(MESSAGE) for _ in range(2)}

        assert ids == {f"<{MESSAGE.id}@langkat.localhost>"}
        assert len(mailbox.envelopes) == 2

    def test_signs_in_when_the_server_wants_it(self, smtp_port: int, mailbox: Mailbox) -> None:
        smtp(smtp_port, user="amanah", password="kunci").send(MESSAGE)

        assert len(mailbox.envelopes) == 1

    def test_wrong_password_means_later(self, smtp_port: int) -> None:
        with pytest.raises(SendingFailed, match=r"smtp\.535"):
            smtp(smtp_port, user="amanah", password="salah").send(MESSAGE)

    def test_address_that_is_refused_for_good_is_undeliverable(self, smtp_port: int, mailbox: Mailbox) -> None:
        mailbox.refusal = "550 no such user"

        with pytest.raises(Undeliverable, match=r"smtp\.550"):
            smtp(smtp_port).send(MESSAGE)

    def test_address_that_is_refused_for_now_means_later(self, smtp_port: int, mailbox: Mailbox) -> None:
        mailbox.refusal = "450 mailbox busy"

        with pytest.raises(SendingFailed, match=r"smtp\.450"):
            smtp(smtp_port).send(MESSAGE)

    @pytest.mark.parametrize("address", ["", "pelapor", "a@b\r\nBcc: c@d", "a b@c", "@localhost"])
    def test_malformed_address_never_reaches_the_server(self, smtp_port: int, mailbox: Mailbox, address: str) -> None:
        with pytest.raises(Undeliverable, match=r"address\.malformed"):
            smtp(smtp_port).send(Message(**{**vars(MESSAGE), "to": address}))

        assert mailbox.envelopes == []

    def test_server_that_is_away_means_later(self) -> None:
        with pytest.raises(OSError, match="refused"):
            smtp(1).send(MESSAGE)


class CloudApi(ThreadingHTTPServer):
    """Stands in for the provider: keeps each request and gives the prepared answer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.answer: tuple[int, Any] = (200, {"messages": [{"id": "wamid.1"}]})


class _Handler(BaseHTTPRequestHandler):
    server: CloudApi

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, dict(self.headers), body))
        status, answer = self.server.answer
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *rest: Any) -> None:
        pass


@pytest.fixture
def provider() -> Iterator[CloudApi]:
    server = CloudApi()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def whatsapp(provider: CloudApi) -> WhatsAppSender:
    return WhatsAppSender(f"http://127.0.0.1:{provider.server_port}/v23.0", "1234567890", "token-uji")


WHATSAPP_MESSAGE = Message(**{**vars(MESSAGE), "to": "+62 812-3456-7890"})


class TestWhatsApp:
    def test_asks_the_provider_as_its_reference_says(self, provider: CloudApi) -> None:
        assert whatsapp(provider).send(WHATSAPP_MESSAGE) == "wamid.1"

        ((path, headers, body),) = provider.requests
        assert path == "/v23.0/1234567890/messages"
        assert headers["Authorization"] == "Bearer token-uji"
        assert headers["Content-Type"] == "application/json"
        assert body == {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "6281234567890",
            "type": "template",
            "template": {
                "name": "amanah_perkembangan",
                "language": {"code": "id"},
                "components": [
                    {
                        "type": "body",
                        "parameters": [{"type": "text", "text": "PGD-2026-00001"}, {"type": "text", "text": "Dijawab"}],
                    }
                ],
            },
            "biz_opaque_callback_data": str(MESSAGE.id),
        }

    def test_number_without_whatsapp_is_undeliverable(self, provider: CloudApi) -> None:
        provider.answer = (400, {"error": {"code": 131026, "message": "Message undeliverable"}})

        with pytest.raises(Undeliverable, match=r"whatsapp\.131026"):
            whatsapp(provider).send(WHATSAPP_MESSAGE)

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            ((401, {"error": {"code": 190}}), "whatsapp.190"),
            ((429, {"error": {"code": 130429}}), "whatsapp.130429"),
            ((500, b"<html>oops"), "whatsapp.500"),
            ((503, []), "whatsapp.503"),
            ((200, {"messages": []}), "whatsapp.unexpected_answer"),
        ],
    )
    def test_any_other_answer_means_later(self, provider: CloudApi, answer: tuple[int, Any], code: str) -> None:
        provider.answer = answer

        with pytest.raises(SendingFailed) as caught:
            whatsapp(provider).send(WHATSAPP_MESSAGE)

        assert caught.value.code == code

    @pytest.mark.parametrize("number", ["", "abc", "12345", "+62" + "8" * 20])
    def test_malformed_number_never_reaches_the_provider(self, provider: CloudApi, number: str) -> None:
        with pytest.raises(Undeliverable, match=r"address\.malformed"):
            whatsapp(provider).send(Message(**{**vars(MESSAGE), "to": number}))

        assert provider.requests == []

    def test_notice_without_an_approved_template_is_not_sent(self, provider: CloudApi) -> None:
        with pytest.raises(Undeliverable, match=r"whatsapp\.no_template"):
            whatsapp(provider).send(Message(**{**vars(WHATSAPP_MESSAGE), "template": None}))


def test_installation_has_the_senders_that_it_sets_up() -> None:
    assert senders_of(Settings.from_env({})) == {}
    both = Settings.from_env({"SMTP_HOST": "localhost", "WHATSAPP_TOKEN": "t", "WHATSAPP_NUMBER_ID": "1"})
    assert set(senders_of(both)) == {"email", "whatsapp"}


def test_secrets_are_not_shown_when_a_sender_is_printed() -> None:
    assert "kunci" not in repr(smtp(25, user="amanah", password="kunci"))
    assert "rahasia" not in repr(WhatsAppSender("http://localhost", "1", "rahasia"))
