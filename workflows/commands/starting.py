"""Commands that bring an installation about and keep it running."""

import argparse
import os
from collections.abc import Mapping

from workflows.commands.telling import REFUSED, complain, opened, settings
from workflows.errors import AmanahError, InvalidAnswers
from workflows.language import say
from workflows.settings import BadSetting


def run(asked: argparse.Namespace) -> int:
    """Start everything on this machine: database, tables, case types, office, web and worker."""
    from workflows import machine

    missing = machine.missing_libraries()
    if missing:
        complain(machine.how_to_install(missing))
        return REFUSED
    known, port = settings(), port_of(os.environ)
    if machine.is_busy(port):
        hint = f"PORT={port + 1} make run"
        complain(
            say(
                f"Port {port} sudah dipakai program lain. Hentikan program itu, atau pilih port lain: {hint}",
                f"Port {port} is in use by another program. Stop that one, or choose another port: {hint}",
            )
        )
        return REFUSED
    from workflows import launch

    return 0 if launch.run(known, os.environ, port=port) else REFUSED


def prepare(asked: argparse.Namespace) -> int:
    """Bring tables, registers and case types up to date; run it before web and workers of a new edition start."""
    from workflows import launch

    with opened() as installation:
        launch.prepare(installation)
    return 0


def migrate(asked: argparse.Namespace) -> int:
    """Bring the tables of the database up to date."""
    from workflows import launch

    with opened() as installation:
        launch.migrate(installation)
    return 0


def web(asked: argparse.Namespace) -> int:
    """Serve the site until somebody asks to stop; PORT or WEB_BIND says where, a proxy stands in front."""
    from workflows import launch

    port = port_of(os.environ)
    with opened() as installation:
        return 0 if launch.serve_web(installation, os.environ, port=port) else REFUSED


def worker(asked: argparse.Namespace) -> int:
    """Do background work until somebody asks to stop; may run many times over."""
    from workflows import worker as background

    # Whoever waits at a screen comes first, also when thousands of timers are due on the same machine.
    os.nice(10)
    with opened() as installation:
        background.run(installation.settings, installation.database_url)
    return 0


def healthy(asked: argparse.Namespace) -> int:
    """Tell by the exit status whether an address answers, or whether the database is there and up to date."""
    if asked.address is not None:
        from workflows import machine

        return 0 if machine.answers(asked.address) else REFUSED
    from sqlalchemy.exc import OperationalError

    from workflows import schema

    with opened() as installation:
        try:
            with installation.engine.connect() as connection:
                return 0 if schema.is_current(connection) else REFUSED
        except OperationalError:
            return REFUSED


def administrator(asked: argparse.Namespace) -> int:
    """Make the first administrator of an office and print a password that is good for one sign-in."""
    from workflows import launch, schema
    from workflows.errors import Conflict, NotFound
    from workflows.people import founding

    with opened() as installation:
        with installation.engine.connect() as connection:
            ready = schema.is_current(connection)
        try:
            if not ready:
                raise NotFound("schema.behind")
            with launch.acting(installation) as tx:
                user, password = founding.install_administrator(
                    tx,
                    login=asked.login,
                    name=asked.name,
                    unit_code=asked.unit,
                    unit_name=asked.unit_name,
                    forced=asked.force,
                )
        except (Conflict, InvalidAnswers, NotFound) as error:
            complain(_why_no_administrator(error))
            return REFUSED
    complain(
        say(
            f"{user.login} kini pengelola. Kata sandi di bawah hanya tampil sekali dan harus diganti saat pertama "
            f"masuk di {installation.settings.public_url}/masuk",
            f"{user.login} is now an administrator. The password below is shown once and must be changed at the first "
            f"sign-in at {installation.settings.public_url}/masuk",
        )
    )
    print(password)
    return 0


def _why_no_administrator(error: AmanahError) -> str:
    """Say why nobody was made administrator, and what to do about it."""
    sentences = {
        "schema.behind": say(
            "Tabel belum mutakhir. Jalankan dahulu: amanah prepare",
            "The tables are not up to date. First run: amanah prepare",
        ),
        "role.none_keeps_users": say(
            "Peran belum dimuat. Jalankan dahulu: amanah prepare", "No roles were loaded. First run: amanah prepare"
        ),
        "administrator.exists": say(
            "Sudah ada pengelola yang aktif; ia dapat menambah yang lain di /pengguna. Bila semua pengelola tidak "
            "dapat masuk lagi, ulangi dengan --force; jurnal mencatatnya.",
            "There is an active administrator, who can add others at /pengguna. If none of them can sign in any more, "
            "repeat with --force; the journal records it.",
        ),
        "user.deactivated": say("Akun itu sudah ditutup; pilih nama lain.", "That account was closed; choose another."),
        "login.malformed": say(
            "Nama pengguna: 2 sampai 64 huruf kecil, angka, titik, garis.",
            "The login: 2 to 64 lower-case letters, digits, dots, hyphens.",
        ),
        "answer.required": say(
            "Tulis nama lengkap, dan kode serta nama unit.", "Give the full name, and the unit's code and name."
        ),
    }
    code = error.problems[0][1] if isinstance(error, InvalidAnswers) else error.code
    return sentences.get(code, str(error))


def port_of(env: Mapping[str, str]) -> int:
    text = env.get("PORT", "8000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise BadSetting("PORT must be a number from 1 to 65535")
    return int(text)
