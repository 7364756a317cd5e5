"""The command line `amanah`: one small function per command, which asks others to do the work and tells the outcome.

Exit status: 0 when it went well, 1 when the answer is no (findings, a busy port, a broken chain), 2 when the question
could not be understood or read. Commands import what they need when they run, since `deadline` must not wait for what
only `run` needs; neither `deadline` nor `check` nor `rehearse` asks for a database.
"""

import argparse
import codecs
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from workflows.errors import AmanahError, BrokenDefinition, Finding, InvalidAnswers, SealBroken
from workflows.garbage import look_less_often
from workflows.language import Language, say, speaking
from workflows.settings import BadSetting, Settings

if TYPE_CHECKING:
    from workflows.catalogue.vectors import VectorResult
    from workflows.installation import Installation

REFUSED = 1
NOT_UNDERSTOOD = 2

# Where the process that checks a case type finds the checks of the floors above the catalogue.
_EXTRA_CHECKS = "workflows.launch:extra_checks"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status."""
    look_less_often()
    asked = _parser().parse_args(arguments)
    _write_every_letter()
    with speaking(_language(os.environ)):
        try:
            return int(asked.command(asked))
        except (BadSetting, _unavailable()) as error:
            _complain(str(error))
        except BrokenDefinition as error:
            _show(error.findings)
        except SealBroken as error:
            from workflows.processes import sealing

            _complain(sealing.refusal(error))
        except AmanahError as error:
            _complain(str(error))
        except BrokenPipeError:
            # Whoever read our output has seen enough; the interpreter must not try to flush the rest.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except KeyboardInterrupt:
            return 130
        return REFUSED


def _write_every_letter() -> None:
    """Have what the terminal cannot write come out as JSON escapes it, instead of ending in a traceback."""
    codecs.register_error("escaped", _escaped)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="escaped")


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def run(asked: argparse.Namespace) -> int:
    """Start everything on this machine: database, tables, case types, office, web and worker."""
    from workflows import machine

    missing = machine.missing_libraries()
    if missing:
        _complain(machine.how_to_install(missing))
        return REFUSED
    settings = Settings.from_env(os.environ)
    port = _port(os.environ)
    if machine.is_busy(port):
        hint = f"PORT={port + 1} make run"
        _complain(
            say(
                f"Port {port} sudah dipakai program lain. Hentikan program itu, atau pilih port lain: {hint}",
                f"Port {port} is in use by another program. Stop that one, or choose another port: {hint}",
            )
        )
        return REFUSED
    from workflows import launch

    return 0 if launch.run(settings, os.environ, port=port) else REFUSED


def prepare(asked: argparse.Namespace) -> int:
    """Bring tables, registers and case types up to date; run it before web and workers of a new edition start."""
    from workflows import launch

    with _opened() as installation:
        launch.prepare(installation)
    return 0


def migrate(asked: argparse.Namespace) -> int:
    """Bring the tables of the database up to date."""
    from workflows import launch

    with _opened() as installation:
        launch.migrate(installation)
    return 0


def healthy(asked: argparse.Namespace) -> int:
    """Tell by the exit status whether an address answers, or whether the database is there and up to date."""
    if asked.address is not None:
        from workflows import machine

        return 0 if machine.answers(asked.address) else REFUSED
    from sqlalchemy.exc import OperationalError

    from workflows import schema

    with _opened() as installation:
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

    with _opened() as installation:
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
            _complain(_why_no_administrator(error))
            return REFUSED
    _complain(
        say(
            f"{user.login} kini pengelola. Kata sandi di bawah hanya tampil sekali dan harus diganti saat pertama "
            f"masuk di {installation.settings.public_url}/masuk",
            f"{user.login} is now an administrator. The password below is shown once and must be changed at the first "
            f"sign-in at {installation.settings.public_url}/masuk",
        )
    )
    print(password)
    return 0


def web(asked: argparse.Namespace) -> int:
    """Serve the site until somebody asks to stop; PORT or WEB_BIND says where, a proxy stands in front."""
    from workflows import launch

    port = _port(os.environ)
    with _opened() as installation:
        return 0 if launch.serve_web(installation, os.environ, port=port) else REFUSED


def worker(asked: argparse.Namespace) -> int:
    """Do background work until somebody asks to stop; may run many times over."""
    from workflows import worker as background

    # Whoever waits at a screen comes first, also when thousands of timers are due on the same machine.
    os.nice(10)
    with _opened() as installation:
        background.run(installation.settings, installation.database_url)
    return 0


def check(asked: argparse.Namespace) -> int:
    """Say what would keep the files from running; each, with those that it calls, is opened in a process of its own."""
    from workflows.catalogue import verdict
    from workflows.catalogue.apart import check_apart, sort_apart
    from workflows.catalogue.bundle import MANIFEST, case_types, files_of, read_file

    findings: list[Finding] = []
    files: dict[Path, bytes] = {}
    status = 0
    for path in dict.fromkeys(asked.paths):
        folder = path
        try:
            for folder in case_types(path):
                if asked.repair:
                    _repair(folder, quietly=asked.json)
                if folder.is_dir():
                    findings += check_apart(folder, extra=_EXTRA_CHECKS if (folder / MANIFEST).is_file() else "")
                else:
                    files[folder] = read_file(folder)
        except BrokenDefinition as broken:
            findings += broken.findings
        except OSError as error:
            status = NOT_UNDERSTOOD
            if asked.json:
                findings.append(_unreadable(folder, error))
            else:
                _cannot_read(folder, error)
    # Those that were named together are seen together: what one calls may be in another.
    for part in sort_apart(files_of(files)):
        findings += check_apart(part)
    findings = list(dict.fromkeys(findings))
    if asked.json:
        print(verdict.as_json(findings))
    elif findings or not status:
        _show(findings)
    return status or (0 if verdict.passes(findings) else REFUSED)


def _repair(path: Path, *, quietly: bool) -> None:
    """Write missing ids into the files and name those that were changed."""
    from workflows.catalogue.repairing import repair

    for file in repair(path):
        if not quietly:
            print(say(f"{file}: id yang belum ada telah ditulis.", f"{file}: missing ids were written."))


def _unreadable(path: Path, error: OSError) -> Finding:
    said = say(f"Tidak dapat dibaca: {error.strerror}.", f"It cannot be read: {error.strerror}.")
    return Finding("file.unreadable", said, say("Periksa jalurnya.", "Look at the path."), file=path.name)


def _cannot_read(path: Path, error: OSError) -> int:
    _complain(f"{error.filename or path}: {error.strerror}")
    return NOT_UNDERSTOOD


def rehearse(asked: argparse.Namespace) -> int:
    """Play the scenarios of a case type with a moved clock; nothing is stored or sent."""
    from workflows.catalogue import scenarios
    from workflows.catalogue.bundle import case_types

    failed = 0
    try:
        folders = case_types(asked.path)
    except OSError as error:
        return _cannot_read(asked.path, error)
    for folder in folders:
        for result in scenarios.rehearse(folder, only=asked.only):
            failed += not result.passed
            print(f"{'ok  ' if result.passed else 'FAIL'}  {result.file}  {result.title}")
            for disappointment in result.disappointments:
                print(f"      {result.file}:{disappointment.line}: {disappointment.message}")
    return REFUSED if failed else 0


def decide(asked: argparse.Namespace) -> int:
    """Ask a decision of a DMN file, or run its test vectors; nothing is stored."""
    from workflows.catalogue import deciding
    from workflows.decisions.asking import RefusedInputs
    from workflows.transaction import read_clock

    try:
        decisions = deciding.read_decisions(asked.file)
        if asked.vectors:
            return _tell_vectors(deciding.run_vectors(asked.file, decisions))
        decision = deciding.find_decision(decisions, asked.decision)
        document, answered = deciding.answer(decision, deciding.read_inputs(asked.input), now=read_clock(), on=asked.on)
    except RefusedInputs as refusal:
        for problem in refusal.problems:
            _complain(problem.message)
        return REFUSED
    except BrokenDefinition as broken:
        return _unreadable_table(broken)
    except OSError as error:
        return _cannot_read(asked.file, error)
    except deciding.Unreadable as error:
        _complain(str(error))
        return NOT_UNDERSTOOD
    print(document)
    if not answered:
        _complain(say("Tidak ada aturan yang cocok.", "No rule fits."))
    return 0 if answered else REFUSED


def _unreadable_table(broken: BrokenDefinition) -> int:
    for finding in broken.findings:
        _complain(f"{finding.file}:{finding.line}: {finding.code}: {finding.message}")
        if finding.fix:
            _complain(f"    {finding.fix}")
    return NOT_UNDERSTOOD


def touches(asked: argparse.Namespace) -> int:
    """List the open cases that a changed table would decide otherwise; nothing is changed."""
    from workflows.catalogue import deciding
    from workflows.processes import touching

    try:
        decision = deciding.find_decision(deciding.read_decisions(asked.file), asked.decision)
    except BrokenDefinition as broken:
        return _unreadable_table(broken)
    except deciding.Unreadable as error:
        _complain(str(error))
        return NOT_UNDERSTOOD
    except OSError as error:
        return _cannot_read(asked.file, error)
    with _opened() as installation, installation.session() as session:
        looked = touching.touched(session, decision, case_type=asked.case_type)
    for each in looked.touched:
        before, after = (", ".join(rules) or "-" for rules in (each.rules_then, each.rules_now))
        on = f" ({each.effective_on})" if each.effective_on is not None else ""
        print(f"{each.number or each.case_id}  {each.element}{on}: {before} -> {each.refusal or after}")
        for name, then, now in each.changes if not each.refusal else ():
            print(f"    {name}: {then} -> {now}")
    if any(each.number is None for each in looked.touched):
        print(
            say(
                "Kasus rahasia ditulis dengan kodenya; yang boleh melihatnya membukanya di /kasus/<kode>.",
                "Confidential cases are written by their code; whoever may see one opens it at /kasus/<code>.",
            )
        )
    count, total = len(looked.touched), looked.asked
    print(
        say(
            f"{count} dari {total} keputusan pada kasus terbuka akan dijawab lain.",
            f"{count} of {total} decisions of open cases would be answered otherwise.",
        )
    )
    return 0


def publish(asked: argparse.Namespace) -> int:
    """Make the case type the edition on which new cases start."""
    from workflows import launch
    from workflows.catalogue.bundle import case_types

    try:
        folders = case_types(asked.path)
    except OSError as error:
        return _cannot_read(asked.path, error)
    with _opened() as installation:
        for folder in folders:
            edition = launch.publish(installation, folder)
            print(say(f"{edition.case_type}: versi {edition.number}", f"{edition.case_type}: version {edition.number}"))
    return 0


def upgrade_cases(asked: argparse.Namespace) -> int:
    """Take running cases to another edition of their type: plan, try on copies, run, undo."""
    from workflows import upgrading

    with _opened() as installation:
        return upgrading.run(asked, installation)


def refingerprint(asked: argparse.Namespace) -> int:
    """Make the fingerprints anew after FINGERPRINT_KEY was changed; FINGERPRINT_KEY_FORMER names the key before."""
    from workflows import refingerprinting

    with _opened() as installation:
        return refingerprinting.run(installation)


def demo(asked: argparse.Namespace) -> int:
    """Add the demonstration's cases to a demonstration office; may be repeated, never where real cases live."""
    from workflows import launch
    from workflows.demonstration.operations import DemonstrationRefused

    try:
        with _opened() as installation:
            loaded = launch.load_demonstration(installation)
    except DemonstrationRefused as error:
        _complain(str(error))
        return REFUSED
    print(
        say(
            f"{loaded.filed} laporan dimasukkan, {loaded.known} sudah ada; {loaded.noted} kegiatan dicatat.",
            f"{loaded.filed} reports filed, {loaded.known} were there; {loaded.noted} activities recorded.",
        )
    )
    if loaded.filed:
        print(
            say(
                f"Dari yang dimasukkan, {loaded.running} kasus berjalan, {loaded.late} di antaranya terlambat.",
                f"Of those filed, {loaded.running} cases are running, {loaded.late} of them late.",
            )
        )
    if loaded.shown:
        # No address: this process does not know under which port the web listens.
        print(say("Kode untuk dibuka di /lacak:", "Codes to open at /lacak:"))
    for number, code in loaded.shown:
        print(f"  {number}  {code}")
    for number, step in loaded.left_path:
        print(say(f"  {number} menempuh jalan lain pada {step}.", f"  {number} went another way at {step}."))
    return 0


def deadline(asked: argparse.Namespace) -> int:
    """Say when a deadline of law ends, and how that was counted."""
    from workflows.deadlines import explaining, register

    settings = Settings.from_env(os.environ)
    rules = register.load(settings.definitions / "shared" / "deadlines.yml")
    try:
        answers = explaining.answer(asked.id, asked.start, asked.reading, rules, None, settings.zone)
    except AmanahError as error:
        _complain(explaining.refusal(error))
        return NOT_UNDERSTOOD
    for answer in answers:
        print(answer.iso_date)
        print(answer.sentence)
    return 0


def recount(asked: argparse.Namespace) -> int:
    """Count the open deadlines anew after the calendar changed; nothing becomes due earlier."""
    from workflows import launch
    from workflows.processes import recounting, sealing

    moved, refused = 0, 0
    with _opened() as installation:
        with launch.acting(installation) as tx:
            running = recounting.running_instances(tx.session)
        for instance_id in running:
            # One act for each case, so that nobody waits for all of them.
            try:
                with launch.acting(installation) as tx:
                    moved += recounting.recount(tx, instance_id)
            except SealBroken as broken:
                _complain(sealing.refusal(broken))
                refused += 1
    print(
        say(
            f"{len(running) - refused} kasus dihitung ulang; {moved} tanggal bergeser.",
            f"{len(running) - refused} cases counted anew; {moved} dates moved.",
        )
    )
    return REFUSED if refused else 0


def verify(asked: argparse.Namespace) -> int:
    """Check that nobody has changed the journal, or a file that it speaks of."""
    from workflows import proof

    with _opened() as installation, installation.session() as session:
        broken = proof.verify(session)
    if broken is None:
        print(say("Jurnal utuh.", "The journal is whole."))
        return 0
    place = f"{broken.problem}, case {broken.case_id}, sequence {broken.sequence}, entry {broken.entry_id}"
    _complain(
        {
            "step.changed": say(
                f"Sebuah langkah proses tidak sama lagi dengan saat ditulis ({place}).",
                f"A step of a process is not what it was when it was written ({place}).",
            ),
            "content.changed": say(
                f"Sebuah tulisan dalam kasus hilang atau berubah ({place}).",
                f"Something written in a case is gone or was changed ({place}).",
            ),
            "file.changed": say(
                f"Sebuah berkas hilang atau berubah ({place}).", f"A file is gone or was changed ({place})."
            ),
        }.get(broken.problem, say(f"Jurnal putus: {place}", f"The journal is broken: {place}"))
    )
    _complain(say("Bandingkan tempat itu dengan cadangan.", "Compare that place with a backup."))
    return REFUSED


def _tell_vectors(results: "Sequence[VectorResult]") -> int:
    failed = [result for result in results if result.disappointment]
    for result in failed:
        print(f"FAIL  {result.file}:{result.vector.line}: {result.vector.title}: {result.disappointment}")
    good, total = len(results) - len(failed), len(results)
    print(say(f"{good} dari {total} contoh terjawab benar.", f"{good} of {total} vectors answered as written."))
    return REFUSED if failed else 0


def drill(asked: argparse.Namespace) -> int:
    """Dump the installation, restore it into a server of its own, and prove the copy; nothing here is changed."""
    from workflows import drill as restoring

    with _opened() as installation:
        found = restoring.rehearse_restore(installation)
    print(
        say(
            f"{found.size} byte dipulihkan dalam {found.seconds:.0f} detik: {found.cases} kasus, "
            f"{found.entries} catatan jurnal, {found.stuck} kasus tanpa langkah berikutnya, "
            f"{found.falsely_ended} selesai semu.",
            f"{found.size} bytes restored in {found.seconds:.0f} seconds: {found.cases} cases, "
            f"{found.entries} journal entries, {found.stuck} cases with no next thing, "
            f"{found.falsely_ended} falsely ended.",
        )
    )
    if found.broken is not None:
        place = f"{found.broken.problem}, case {found.broken.case_id}, sequence {found.broken.sequence}"
        _complain(say(f"Salinan tidak utuh: {place}", f"The copy is not whole: {place}"))
    return 0 if found.whole else REFUSED


def chaos(asked: argparse.Namespace) -> int:
    """Kill web and worker processes over scripted cases on a scratch database; tell what was lost, doubled or half."""
    from workflows.chaos import rehearsal

    verdict = rehearsal.rehearse_on_scratch(Settings.from_env(os.environ), cases=asked.cases, seed=asked.seed)
    if asked.json:
        print(verdict.as_json())
        return 0 if verdict.kept else REFUSED
    rows = {
        say("kasus", "cases"): verdict.cases,
        say("proses dimatikan", "processes killed"): verdict.kills,
        say("  di antaranya meja", "  of which desks"): verdict.desk_kills,
        say("  di antaranya web", "  of which web processes"): verdict.web_kills,
        say("  di antaranya pekerja", "  of which workers"): verdict.worker_kills,
        say("langkah yang hilang", "steps lost"): len(verdict.findings.lost),
        say("langkah yang terjadi dua kali", "steps doubled"): len(verdict.findings.doubled),
        say("kasus yang setengah jadi", "cases left half done"): len(verdict.findings.half),
    }
    for words, number in rows.items():
        print(f"{words:32}{number:8}")
    print(f"{verdict.seconds:.0f} s, --seed {verdict.seed}")
    for found in [*verdict.findings.lost, *verdict.findings.doubled, *verdict.findings.half]:
        print(f"  {found}")
    return 0 if verdict.kept else REFUSED


@contextmanager
def _opened() -> "Iterator[Installation]":
    from workflows.installation import open_installation

    with open_installation(Settings.from_env(os.environ)) as installation:
        if installation.notice:
            _complain(installation.notice)
        yield installation


def _show(findings: Sequence[Finding]) -> None:
    from workflows.catalogue import verdict

    words = {"error": say("galat", "error"), "warning": say("perhatian", "warning"), "note": say("catatan", "note")}
    for finding in findings:
        place = f"{finding.file}:{finding.line}" + (f" ({finding.element})" if finding.element else "")
        print(f"{place}: {words[finding.severity]} {finding.code}: {finding.message}")
        if finding.fix:
            print(f"    {finding.fix}")
    if verdict.accepts(findings):
        print(say("Diterima.", "Accepted."))
    elif verdict.passes(findings):
        print(
            say(
                "Tidak ada yang salah, tetapi berkas ini memanggil berkas lain; hanya bersama-sama dapat diterbitkan.",
                "Nothing is wrong, but this file calls others; it can be published together with them only.",
            )
        )


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


def _complain(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _unavailable() -> type[Exception]:
    """Give the error of a database that cannot be had; imported late, for it brings the driver with it."""
    from workflows.embedded_postgres import PostgresUnavailable

    return PostgresUnavailable


def _language(env: Mapping[str, str]) -> Language:
    """Tell the language of the terminal: Indonesian unless the locale is an English one."""
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return "en" if locale.startswith("en") else "id"


def _port(env: Mapping[str, str]) -> int:
    text = env.get("PORT", "8000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise BadSetting("PORT must be a number from 1 to 65535")
    return int(text)


def _some(text: str) -> int:
    """Read a number of at least one."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(say(f"{text!r} bukan bilangan di atas nol", f"{text!r} is no number above 0"))
    return int(text)


def _day(text: str) -> date:
    """Read a day."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            say(
                f"{text!r} bukan tanggal; tulislah misalnya 2026-03-02",
                f"{text!r} is no date; write for example 2026-03-02",
            )
        ) from error


def _instant(text: str) -> date:
    """Read a day, or an instant for deadlines in hours; one without an offset is meant in the office's zone."""
    try:
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            say(
                f"{text!r} bukan tanggal; tulislah misalnya 2026-03-02, atau 2026-03-02T10:15 bila jamnya penting",
                f"{text!r} is no date; write for example 2026-03-02, or 2026-03-02T10:15 where the hour matters",
            )
        ) from error


def _declare_upgrades(parser: argparse.ArgumentParser) -> None:
    """Declare the steps and what each is told."""
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    told = {
        "plan": "say what differs between two editions, and where running cases stand",
        "try": "say for each running case what would come of it; nothing is stored",
        "run": "move the cases, one act each; interrupted, it goes on with --batch",
        "undo": "take the cases of a batch back, where nobody has acted since",
    }
    for name, sentence in told.items():
        step = steps.add_parser(name, help=sentence, description=sentence)
        if name == "undo":
            step.add_argument("batch", type=UUID, metavar="BATCH")
            continue
        if name == "run":
            step.add_argument("--batch", type=UUID, help="go on with a batch that was interrupted")
            step.add_argument("--reason", default="", help="why; kept with the batch, names nobody")
        step.add_argument("type", nargs="?" if name == "run" else None, metavar="TYPE", help="key of the case type")
        step.add_argument("--from", dest="old", type=int, metavar="N", help="the edition to leave")
        step.add_argument("--to", dest="new", type=int, metavar="N", help="the edition to go to; else the open one")
        step.add_argument("--map", dest="mapping", action="append", default=[], metavar="OLD=NEW", type=_pair)
        step.add_argument("--anew", action="append", default=[], metavar="OLD=NEW", type=_pair)
        step.add_argument("--accept", action="append", default=[], metavar="RISK", help="take it")


def _pair(text: str) -> tuple[str, str]:
    old, sign, new = text.partition("=")
    if not (old and sign and new):
        raise argparse.ArgumentTypeError("OLD=NEW")
    return old, new


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="amanah", description="Case system of a regency's integrity office.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(command: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        sentence = (command.__doc__ or "").splitlines()[0]
        added = commands.add_parser(command.__name__.replace("_", "-"), help=sentence, description=sentence)
        added.set_defaults(command=command)
        return added

    add(run)
    add(prepare)
    add(migrate)
    installing = add(administrator)
    installing.add_argument("login", metavar="LOGIN", help="what is typed at sign-in, often the NIP")
    installing.add_argument("--name", required=True, help="full name with titles")
    installing.add_argument("--unit", default="DISKOMINFO", metavar="CODE", help="code of their unit (%(default)s)")
    installing.add_argument(
        "--unit-name", default="Dinas Komunikasi dan Informatika", help="its name, if there is none of that code"
    )
    installing.add_argument("--force", action="store_true", help="even though somebody is an administrator")
    add(web)
    add(worker)
    add(healthy).add_argument("address", nargs="?", metavar="URL", help="ask this address instead of the database")
    add(refingerprint)
    checking = add(check)
    checking.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="case-type folders, bundles or files")
    checking.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    checking.add_argument("--repair", action="store_true", help="write missing ids into the files first")
    rehearsing = add(rehearse)
    rehearsing.add_argument("path", type=Path, metavar="PATH", help="a case-type folder")
    rehearsing.add_argument("--only", metavar="NAME", help="one scenario, by its file name without ending")
    deciding = add(decide)
    deciding.add_argument("file", type=Path, metavar="FILE", help="a DMN file")
    deciding.add_argument("--decision", metavar="ID", help="may be left out when the file holds only one")
    deciding.add_argument("--on", type=_day, metavar="DATE", help="the day whose law is asked for")
    asking = deciding.add_mutually_exclusive_group(required=True)
    asking.add_argument("--input", metavar="JSON", help='the inputs, for example {"value": 500000}')
    asking.add_argument("--vectors", action="store_true", help="run FILE's .vectors.yml instead")
    touching = add(touches)
    touching.add_argument("file", type=Path, metavar="FILE", help="a DMN file with the changed table")
    touching.add_argument("--decision", metavar="ID", help="may be left out when the file holds only one")
    touching.add_argument("--case-type", metavar="KEY", help="look at cases of this type only")
    add(publish).add_argument("path", type=Path, metavar="PATH", help="a case-type folder")
    _declare_upgrades(add(upgrade_cases))
    counting = add(deadline)
    counting.add_argument("id", metavar="ID", help="for example P-01; P-08 lists its parts")
    counting.add_argument("--from", dest="start", type=_instant, required=True, metavar="DATE", help="2026-03-02")
    readings = counting.add_mutually_exclusive_group()
    for reading, meaning in (("strict", "cuti bersama are working days"), ("lenient", "cuti bersama are skipped")):
        readings.add_argument(f"--{reading}", dest="reading", action="store_const", const=reading, help=meaning)
    add(demo)
    add(drill)
    killing = add(chaos)
    killing.add_argument("--cases", type=_some, default=1000, metavar="N", help="scripted cases (1000)")
    killing.add_argument("--seed", type=int, default=1, metavar="S", help="another seed draws other deaths (1)")
    killing.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    add(recount)
    add(verify)
    return parser


if __name__ == "__main__":
    sys.exit(main())
