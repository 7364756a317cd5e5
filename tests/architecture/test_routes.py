"""Every address is guarded or stands in the short list of public ones, and none disappears unnoticed."""

import pytest
from flask import Flask

from databases import REPOSITORY, installation_environment
from webapp import guards
from webapp.app import create_app
from workflows.settings import Settings

STORED = REPOSITORY / "tests" / "architecture" / "addresses.txt"


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Flask:
    """The application; nobody asks it for anything, so it needs no database."""
    variables = installation_environment("postgresql:///none", tmp_path_factory.mktemp("home"))
    return create_app(Settings.from_env(variables))


def addresses(app: Flask) -> set[str]:
    """Give every address with its methods, as one line each."""
    return {
        f"{','.join(sorted((rule.methods or set()) - {'HEAD', 'OPTIONS'}))} {rule.rule}"
        for rule in app.url_map.iter_rules()
    }


def test_the_list_of_addresses_notices_a_new_one():
    fresh = Flask("fresh", static_folder=None)
    fresh.add_url_rule("/baru/<int:id_>", "new", lambda: "", methods=["POST", "GET"])

    assert addresses(fresh) == {"GET,POST /baru/<int:id_>"}


def test_every_route_is_guarded_or_public(app):
    guards.check_every_route(app)


def test_an_undeclared_route_is_refused(app):
    fresh = Flask("fresh")
    fresh.add_url_rule("/open", "open", lambda: "")

    with pytest.raises(guards.UndeclaredRoute, match="open"):
        guards.check_every_route(fresh)


def test_the_list_of_public_pages_names_only_pages_that_exist(app):
    assert {endpoint for endpoint in guards.PUBLIC if endpoint not in app.view_functions} == set()


def test_no_address_disappears_or_appears_unnoticed(app):
    """Addresses are printed on receipts and kept in bookmarks: whoever removes one also removes it from the file."""
    stored = set(STORED.read_text(encoding="utf-8").splitlines())

    assert addresses(app) - stored == set(), f"new addresses: add them to {STORED.name}"
    assert stored - addresses(app) == set(), f"addresses that are gone: take them out of {STORED.name}"
