"""The ways out of the house: SMTP, the WhatsApp Cloud API, and one that sends nothing.

A sender gets a finished message and gives back what the provider calls it. It raises Undeliverable when trying again
would change nothing; any other exception means "later".
"""

import http.client
import json
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

from workflows.settings import Settings

# Seconds that a provider gets for each answer; the job holds a database transaction meanwhile.
TIMEOUT = 15


class Undeliverable(Exception):
    """The destination refuses this message for good; `code` is the provider's, never its text."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SendingFailed(Exception):
    """The provider could not take the message now; `code` is its status, never its text."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Message:
    """One message to one address."""

    # Id of the outbox row; a message sent twice after a crash bears the same one.
    id: UUID
    # Mail address, or telephone number in international form.
    to: str
    subject: str
    text: str
    # "id" or "en".
    language: str
    written_at: datetime
    # Name of the approved WhatsApp template with its parameters; None for channels that send free text.
    template: str | None = None
    parameters: tuple[str, ...] = ()


class Sender(Protocol):
    """One way out of the house."""

    def send(self, message: Message) -> str:
        """Hand the message to the provider and give back its id there."""
        ...


@dataclass
class NullSender:
    """Sends nothing and remembers everything; for rehearsals and tests."""

    messages: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> str:
        """Remember the message."""
        self.messages.append(message)
        return f"null:{message.id}"


@dataclass(frozen=True)
class SmtpSender:
    """Mail through one SMTP server; a connection for each message, since they are few."""

    host: str
    port: int
    # Address in the From header; its domain also names the messages.
    mail_from: str
    office_name: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    starttls: bool = False

    def send(self, message: Message) -> str:
        """Send one mail. Its Message-ID comes from the outbox row, so that a second copy is recognised as one."""
        mail = self._mail(message)
        try:
            with smtplib.SMTP(self.host, self.port, timeout=TIMEOUT) as server:
                if self.starttls:
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password or "")
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            # Told apart by the first digit (RFC 5321, 4.2.1): 5 is for ever, 4 is for now.
            status = max((code for code, _ in error.recipients.values()), default=0)
            raise (Undeliverable if status >= 500 else SendingFailed)(f"smtp.{status}") from None
        except smtplib.SMTPResponseException as error:
            raise SendingFailed(f"smtp.{error.smtp_code}") from None
        return str(mail["Message-ID"])

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        try:
            mail["From"] = Address(self.office_name, addr_spec=self.mail_from)
            mail["To"] = Address(addr_spec=message.to)
            mail["Subject"] = message.subject
        except (HeaderParseError, ValueError, IndexError):
            # A line break in an address, or no address at all, would be somebody else's header.
            raise Undeliverable("address.malformed") from None
        mail["Message-ID"] = f"<{message.id}@{self.mail_from.rpartition('@')[2]}>"
        mail["Date"] = format_datetime(message.written_at)
        # Keeps out-of-office replies from answering a machine (RFC 3834).
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        mail["Content-Language"] = message.language
        return mail


# Error codes of the Cloud API that no retry will cure: not a WhatsApp number, recipient cannot be reached, bad number.
_WHATSAPP_FINAL = frozenset({131021, 131026, 131030, 131047, 131051, 133010})


@dataclass(frozen=True)
class WhatsAppSender:
    """Messages through the WhatsApp Cloud API. The house may begin a conversation only with an approved template."""

    # Base address with the version, for example "https://graph.facebook.com/v23.0".
    url: str
    # Id of the number that sends.
    number_id: str
    token: str = field(repr=False)

    def send(self, message: Message) -> str:
        """Send one template message and give the provider's id of it."""
        if message.template is None:
            raise Undeliverable("whatsapp.no_template")
        number = "".join(character for character in message.to if character.isdecimal())
        if not 8 <= len(number) <= 15:
            raise Undeliverable("address.malformed")
        template: dict[str, object] = {"name": message.template, "language": {"code": message.language}}
        if message.parameters:
            texts = [{"type": "text", "text": text} for text in message.parameters]
            template["components"] = [{"type": "body", "parameters": texts}]
        body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": number,
            "type": "template",
            "template": template,
            # Comes back with every status of the provider and names our row, not the case.
            "biz_opaque_callback_data": str(message.id),
        }
        status, answer = self._post(json.dumps(body, ensure_ascii=False).encode())
        if status == http.client.OK:
            messages = answer.get("messages")
            if isinstance(messages, list) and messages and isinstance(messages[0], dict):
                return str(messages[0].get("id", ""))
            raise SendingFailed("whatsapp.unexpected_answer")
        problem = answer.get("error")
        code = problem.get("code") if isinstance(problem, dict) else None
        if code in _WHATSAPP_FINAL:
            raise Undeliverable(f"whatsapp.{code}")
        raise SendingFailed(f"whatsapp.{code or status}")

    def _post(self, body: bytes) -> tuple[int, dict[str, object]]:
        address = urlsplit(self.url)
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        connection = kind(address.hostname or "", address.port, timeout=TIMEOUT)
        try:
            connection.request(
                "POST",
                f"{address.path}/{self.number_id}/messages",
                body,
                {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            )
            response = connection.getresponse()
            # An answer is a few hundred bytes; whatever is longer is not one.
            text = response.read(65_536)
        except http.client.HTTPException as error:
            raise SendingFailed(f"whatsapp.{type(error).__name__}") from None
        finally:
            connection.close()
        try:
            answer = json.loads(text)
        except ValueError:
            answer = {}
        return response.status, answer if isinstance(answer, dict) else {}


def senders_of(settings: Settings) -> Mapping[str, Sender]:
    """Give the senders that this installation has; a channel that is not set up has none."""
    senders: dict[str, Sender] = {}
    if settings.smtp_host:
        senders["email"] = SmtpSender(
            host=settings.smtp_host,
            port=settings.smtp_port,
            mail_from=settings.mail_from,
            office_name=settings.office_name,
            user=settings.smtp_user,
            password=settings.smtp_password,
            starttls=settings.smtp_starttls,
        )
    if settings.whatsapp_token and settings.whatsapp_number_id:
        senders["whatsapp"] = WhatsAppSender(
            settings.whatsapp_url, settings.whatsapp_number_id, settings.whatsapp_token
        )
    return senders
