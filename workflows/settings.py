"""What an installation decides: one frozen value, read once from a mapping of environment variables.

No other module reads the environment. A value that cannot be used is refused at the start with the name of its
variable. Numbers of law are not settings; they are effective-dated data in `bpmn/`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workflows.logs import Format

MEGABYTE = 1_000_000


class BadSetting(Exception):
    """A variable of the environment cannot be used; the message names it and says what is expected."""


@dataclass(frozen=True)
class Settings:
    """One installation of Amanah."""

    # "development" or "production"; production insists on secrets and refuses the demonstration.
    environment: str
    # Where PostgreSQL is, as a postgresql:// address; None means the embedded one under `home`.
    database_url: str | None
    # Folder for what a running installation keeps: the embedded database, the demonstration passwords.
    home: Path
    # Folder with the case types and the shared registers.
    definitions: Path
    # Key that signs sessions and form tokens; None lets `run` make one under `home`.
    secret_key: str | None
    # Key of the fingerprints by which persons are recognised across cases; None lets `run` make one under `home`. With
    # another key the old fingerprints match nothing.
    fingerprint_key: str | None
    # The address by which people reach the site, without a slash at the end; in receipts, mails and QR codes.
    public_url: str
    # Zone in which days are counted.
    zone: ZoneInfo
    # Name of the office as shown in headers and on letters.
    office_name: str
    # What stands below that name on letters, and where they are signed; empty ones are left out.
    office_address: str
    office_contact: str
    office_place: str
    # The office's electronic seal: a PKCS#12 file with key and certificates, and its password. Without it documents
    # bear no seal in production, and one of our own making on trial.
    seal_file: Path | None
    seal_password: str | None
    # Officers must enrol a second factor before they may work.
    require_totp: bool
    # Largest picture, document and whole report in bytes, and the most files in one report.
    picture_limit: int
    document_limit: int
    report_limit: int
    files_limit: int
    # Mail: host and port of the SMTP server, credentials, sender. Without a host no mail leaves the house.
    smtp_host: str | None
    smtp_port: int
    smtp_user: str | None
    smtp_password: str | None
    smtp_starttls: bool
    mail_from: str
    # WhatsApp Cloud API: base address, id of the sending number, access token. Without a token it is off.
    whatsapp_url: str
    whatsapp_number_id: str | None
    whatsapp_token: str | None
    # Reverse proxies in front of the application whose forwarded headers may be believed.
    trusted_proxies: int
    # "text": warnings as Python writes them; "json": one line of JSON for each request, job and warning.
    log_format: Format
    # Opens /metrics from anywhere with `Authorization: Bearer …`; None opens it to this machine alone.
    metrics_token: str | None
    # The key that made the fingerprints until now, for `amanah refingerprint`; None when none is taken leave of.
    fingerprint_key_former: str | None = None

    @property
    def in_production(self) -> bool:
        """Tell whether real cases live here."""
        return self.environment == "production"

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read the settings from `env`; raise BadSetting naming the first variable that cannot be used."""
        environment = env.get("AMANAH_ENV", "development")
        if environment not in {"development", "production"}:
            raise BadSetting("AMANAH_ENV must be development or production")
        production = environment == "production"
        settings = cls(
            environment=environment,
            database_url=_secret(env, "DATABASE_URL"),
            home=Path(env.get("AMANAH_HOME", ".amanah")).absolute(),
            definitions=_definitions(env),
            secret_key=_secret(env, "SECRET_KEY"),
            fingerprint_key=_secret(env, "FINGERPRINT_KEY"),
            public_url=env.get("PUBLIC_URL", f"http://127.0.0.1:{env.get('PORT', '8000')}").rstrip("/"),
            zone=_zone(env),
            office_name=env.get("OFFICE_NAME", "Pemerintah Kabupaten Langkat"),
            office_address=env.get("OFFICE_ADDRESS", ""),
            office_contact=env.get("OFFICE_CONTACT", ""),
            office_place=env.get("OFFICE_PLACE", "Stabat"),
            seal_file=Path(env["SEAL_FILE"]).absolute() if env.get("SEAL_FILE") else None,
            seal_password=_secret(env, "SEAL_PASSWORD"),
            require_totp=_flag(env, "REQUIRE_TOTP", default=production),
            picture_limit=_number(env, "PICTURE_LIMIT", 10 * MEGABYTE),
            document_limit=_number(env, "DOCUMENT_LIMIT", 25 * MEGABYTE),
            report_limit=_number(env, "REPORT_LIMIT", 60 * MEGABYTE),
            files_limit=_number(env, "FILES_LIMIT", 10),
            smtp_host=env.get("SMTP_HOST") or None,
            smtp_port=_number(env, "SMTP_PORT", 25),
            smtp_user=env.get("SMTP_USER") or None,
            smtp_password=_secret(env, "SMTP_PASSWORD"),
            smtp_starttls=_flag(env, "SMTP_STARTTLS", default=False),
            mail_from=env.get("MAIL_FROM", "amanah@localhost"),
            whatsapp_url=env.get("WHATSAPP_URL", "https://graph.facebook.com/v23.0").rstrip("/"),
            whatsapp_number_id=env.get("WHATSAPP_NUMBER_ID") or None,
            whatsapp_token=_secret(env, "WHATSAPP_TOKEN"),
            trusted_proxies=_number(env, "TRUSTED_PROXIES", 0),
            log_format=_log_format(env),
            metrics_token=_secret(env, "METRICS_TOKEN"),
            fingerprint_key_former=_secret(env, "FINGERPRINT_KEY_FORMER"),
        )
        if production and not settings.database_url:
            raise BadSetting("DATABASE_URL is required in production")
        if production and not settings.secret_key:
            raise BadSetting("SECRET_KEY (or SECRET_KEY_FILE) is required in production")
        if production and not settings.fingerprint_key:
            raise BadSetting("FINGERPRINT_KEY (or FINGERPRINT_KEY_FILE) is required in production")
        if settings.fingerprint_key_former is not None and settings.fingerprint_key_former == settings.fingerprint_key:
            raise BadSetting("FINGERPRINT_KEY_FORMER is the key before FINGERPRINT_KEY; both are the same")
        return settings


def _definitions(env: Mapping[str, str]) -> Path:
    """Give the folder of the case types: the named one, `bpmn` here, or else that of this house."""
    named = env.get("AMANAH_DEFINITIONS")
    if named:
        return Path(named).absolute()
    here = Path("bpmn").absolute()
    return here if here.is_dir() else Path(__file__).parents[1] / "bpmn"


def _secret(env: Mapping[str, str], name: str) -> str | None:
    """Read a value that may instead lie in the file that NAME_FILE points at, as container secrets do."""
    path = env.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadSetting(f"{name}_FILE cannot be read: {error.strerror}") from error
    return env.get(name) or None


def _flag(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = env.get(name, "").strip().lower()
    if text in {"", "1", "0", "true", "false", "yes", "no", "on", "off"}:
        return default if not text else text in {"1", "true", "yes", "on"}
    raise BadSetting(f"{name} must be on or off")


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal():
        raise BadSetting(f"{name} must be a whole number")
    return int(text)


def _log_format(env: Mapping[str, str]) -> Format:
    text = env.get("LOG_FORMAT", "").strip() or "text"
    if text == "text":
        return "text"
    if text == "json":
        return "json"
    raise BadSetting("LOG_FORMAT must be text or json")


def _zone(env: Mapping[str, str]) -> ZoneInfo:
    name = env.get("OFFICE_ZONE", "Asia/Jakarta")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadSetting(f"OFFICE_ZONE names no time zone: {name}") from error
