"""What all pages share: guards, headers, language, errors, compression."""

import gzip

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pages import Visitor, check_page
from webapp.app import create_app
from webapp.guards import PUBLIC, UndeclaredRoute, check_every_route, required_right
from webapp.security import EVERYWHERE, headers_for
from workflows.settings import Settings


def test_every_route_declares_who_may_open_it(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert (rule.endpoint in PUBLIC) != (required_right(app, rule.endpoint) is not None), rule


def test_an_undeclared_route_stops_the_application(app: Flask, settings: Settings) -> None:
    app = create_app(settings)
    app.add_url_rule("/lupa", "lupa", lambda: "")
    with pytest.raises(UndeclaredRoute, match="lupa"):
        check_every_route(app)


def test_every_answer_carries_the_headers_of_its_address(app: Flask, client: FlaskClient) -> None:
    for address in ("/", "/lacak", "/masuk", "/kredit", "/tidak-ada"):
        response = client.get(address)
        for name, value in headers_for(address).items():
            if name == "Cache-Control" and response.status_code >= 400:
                value = "no-store"
            assert response.headers[name] == value, (address, name)
    assert "unsafe" not in EVERYWHERE["Content-Security-Policy"]


def test_a_page_speaks_english_when_asked_and_remembers(visit: Visitor) -> None:
    visit("/?bahasa=en", language="en")
    visit("/lacak", language="en")
    visit("/lacak?bahasa=id", language="id")


def test_a_page_that_does_not_exist_is_a_calm_page(visit: Visitor) -> None:
    page = visit("/tidak-ada", status=404)
    assert page.heading == "Halaman tidak ditemukan"


def test_pages_travel_compressed(client: FlaskClient) -> None:
    response = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    check_page(gzip.decompress(response.data).decode())


def test_built_files_travel_compressed_and_are_kept_for_a_year(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        from_manifest = app.jinja_env.globals["asset_url"]("site.css")
    response = client.get(from_manifest, headers={"Accept-Encoding": "br, gzip"})
    assert response.headers["Content-Encoding"] == "br"
    assert "immutable" in response.headers["Cache-Control"]
    assert client.get("/aset/../../app.py").status_code == 404
    assert client.get("/aset/.fingerprint.x").status_code == 404


def test_a_post_without_a_token_gets_its_answers_back(visit: Visitor) -> None:
    page = visit.post("/lacak", {"code": "1234 5678", "csrf_token": "tua"}, status=400)
    assert page.form("/lacak").values["code"] == ["1234 5678"]


def test_a_post_from_another_site_gets_nothing_to_send_again(visit: Visitor) -> None:
    page = visit.post("/lacak", {"code": "1234"}, status=400, headers={"Sec-Fetch-Site": "cross-site"})
    assert not [form for form in page.forms() if form.action == "/lacak"]


def test_a_password_is_never_handed_back(visit: Visitor) -> None:
    page = visit.post("/masuk", {"login": "petugas", "password": "rahasia sekali"}, status=400)
    assert "rahasia sekali" not in page.source
