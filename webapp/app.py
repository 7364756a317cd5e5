"""Puts the application together. Reads like a list; what a part does is told in the part."""

import os

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

import workflows.tables  # noqa: F401 (every table is known before the first query)
from webapp import (
    actor,
    assets,
    case_words,
    counters,
    errors,
    extensions,
    faults,
    formats,
    guards,
    labels,
    languages,
    metrics,
    navigation,
    request_log,
    security,
    suspended,
)
from webapp.account import views as account
from webapp.activities import views as activities
from webapp.auth import sessions
from webapp.auth import views as auth
from webapp.calendar import views as calendar
from webapp.case_reports import views as case_reports
from webapp.cases import views as cases
from webapp.compression import init_compression
from webapp.config import flask_config
from webapp.custody import views as custody
from webapp.escalations import views as escalations
from webapp.inbox import views as inbox
from webapp.incidents import views as incidents
from webapp.notices import views as notices
from webapp.operations import editions as operations
from webapp.packages import views as packages
from webapp.people import units
from webapp.people import views as people
from webapp.portal import views as portal
from webapp.recapitulations import views as recapitulations
from webapp.requests import init_requests
from webapp.transaction import Clock, now
from webapp.uploads import init_uploads
from workflows import logs
from workflows.access import policy
from workflows.processes.office import open_office
from workflows.settings import BadSetting, Settings
from workflows.transaction import read_clock

# The families of screens, in the order in which somebody meets them.
SCREENS = (
    assets.blueprint,
    metrics.blueprint,
    auth.blueprint,
    portal.blueprint,
    inbox.blueprint,
    cases.blueprint,
    case_reports.blueprint,
    packages.blueprint,
    escalations.blueprint,
    incidents.blueprint,
    operations.blueprint,
    recapitulations.blueprint,
    activities.blueprint,
    custody.blueprint,
    units.blueprint,
    people.blueprint,
    calendar.blueprint,
    notices.blueprint,
    account.blueprint,
)


def create_app(settings: Settings | None = None, *, clock: Clock = read_clock) -> Flask:
    """Make the application of an installation; without settings they are read from the environment.

    `clock` moves the time of every act, for tests and demonstrations. Raises BadSetting when the database or the key
    is not settled.
    """
    settings = settings or Settings.from_env(os.environ)
    if not settings.database_url or not settings.secret_key:
        raise BadSetting("DATABASE_URL and SECRET_KEY must be settled before the application starts")
    logs.configure(settings.log_format)
    app = Flask(__name__, static_folder=None)
    app.config.update(flask_config(settings, settings.database_url, settings.secret_key))
    app.extensions["amanah_settings"] = settings
    app.extensions["amanah_clock"] = clock
    init_uploads(app)
    policy.install()
    open_office(settings)

    request_log.init_request_log(app, believe_proxy=settings.trusted_proxies > 0)
    # In this order a request passes: language, guard, form token; and an answer: headers, then compression.
    init_requests(app)
    init_compression(app)
    security.init_security(app, over_https=settings.public_url.startswith("https://"))
    languages.init_languages(app)
    _init_extensions(app)
    errors.init_errors(app)
    _init_templates(app, settings)
    for blueprint in SCREENS:
        app.register_blueprint(blueprint)
    guards.check_every_route(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _init_extensions(app: Flask) -> None:
    extensions.db.init_app(app)
    extensions.login.init_app(app)
    extensions.login.request_loader(sessions.load)
    guards.init_guards(app)
    extensions.csrf.init_app(app)
    app.config["RATELIMIT_STORAGE_URI"] = counters.ADDRESS
    extensions.limiter.init_app(app)
    extensions.babel.init_app(app, locale_selector=languages.chosen_language)


def _init_templates(app: Flask, settings: Settings) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    formats.init_formats(app)
    case_words.init_case_words(app)
    suspended.init_suspended(app)
    faults.init_faults(app)
    app.jinja_env.globals.update(
        address_in=languages.address_in,
        asset_url=assets.asset_url,
        chosen_language=languages.chosen_language,
        has_right=actor.has_right,
        label=labels.label,
        menu=navigation.menu,
        now=now,
        office_name=settings.office_name,
        picture=assets.picture,
        signed_in=actor.signed_in,
        spoken=languages.spoken,
        unread_notices=navigation.unread_notices,
    )
