"""Turns the settings of an installation into the configuration that Flask and its extensions read."""

from datetime import timedelta
from typing import Any

from workflows.connections import LivingPool
from workflows.settings import Settings

# What a form may hold besides its files: a long story, and the fields around it.
TEXT_LIMIT = 1_000_000


def flask_config(settings: Settings, database_url: str, secret_key: str) -> dict[str, Any]:
    """Give the configuration; `database_url` and `secret_key` are settled even where the settings leave them open."""
    over_https = settings.public_url.startswith("https://")
    return {
        "SECRET_KEY": secret_key,
        "SQLALCHEMY_DATABASE_URI": database_url,
        # A connection that died while it rested is replaced instead of failing the next reader's page.
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "poolclass": LivingPool,
            # What is stored must not be quoted by an error about it.
            "hide_parameters": True,
            "pool_size": 8,
            "max_overflow": 8,
            "connect_args": {"connect_timeout": 5, "application_name": "amanah-web"},
        },
        # Flask's own cookie holds the form token and nothing about a person.
        "SESSION_COOKIE_NAME": "amanah_form",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": over_https,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        # The token lives as long as the cookie: a form that was filled in slowly must not be refused.
        "WTF_CSRF_TIME_LIMIT": None,
        # Browsers send us no referrer (see `security`), so it cannot be asked for; the token and SameSite stand alone.
        "WTF_CSRF_SSL_STRICT": False,
        # Exact limits are kept field by field; this is only the point at which we stop listening.
        "MAX_CONTENT_LENGTH": settings.report_limit * 4 + TEXT_LIMIT,
        "MAX_FORM_MEMORY_SIZE": TEXT_LIMIT,
        # Five hundred rows of a dozen fields, and what stands around them.
        "MAX_FORM_PARTS": 12_000,
        "BABEL_DEFAULT_LOCALE": "id",
        "BABEL_DEFAULT_TIMEZONE": str(settings.zone),
        "TEMPLATES_AUTO_RELOAD": not settings.in_production,
    }
