"""Commands for whoever looks after an installation: moving, counting and proving what is there, and trying it out."""

import argparse

from workflows.commands.telling import REFUSED, complain, opened, settings
from workflows.errors import SealBroken
from workflows.language import say


def upgrade_cases(asked: argparse.Namespace) -> int:
    """Take running cases to another edition of their type: plan, try on copies, run, undo."""
    from workflows.commands import upgrading

    with opened() as installation:
        return upgrading.run(asked, installation)


def refingerprint(asked: argparse.Namespace) -> int:
    """Make the fingerprints anew after FINGERPRINT_KEY was changed; FINGERPRINT_KEY_FORMER names the key before."""
    from workflows.commands import refingerprinting

    with opened() as installation:
        return refingerprinting.run(installation)


def recount(asked: argparse.Namespace) -> int:
    """Count the open deadlines anew after the calendar changed; nothing becomes due earlier."""
    from workflows import launch
    from workflows.processes import recounting, sealing

    moved, refused = 0, 0
    with opened() as installation:
        with launch.acting(installation) as tx:
            running = recounting.running_instances(tx.session)
        for instance_id in running:
            # One act for each case, so that nobody waits for all of them.
            try:
                with launch.acting(installation) as tx:
                    moved += recounting.recount(tx, instance_id)
            except SealBroken as broken:
                complain(sealing.refusal(broken))
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

    with opened() as installation, installation.session() as session:
        broken = proof.verify(session)
    if broken is None:
        print(say("Jurnal utuh.", "The journal is whole."))
        return 0
    place = f"{broken.problem}, case {broken.case_id}, sequence {broken.sequence}, entry {broken.entry_id}"
    complain(
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
    complain(say("Bandingkan tempat itu dengan cadangan.", "Compare that place with a backup."))
    return REFUSED


def drill(asked: argparse.Namespace) -> int:
    """Dump the installation, restore it into a server of its own, and prove the copy; nothing here is changed."""
    from workflows import drill as restoring

    with opened() as installation:
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
        complain(say(f"Salinan tidak utuh: {place}", f"The copy is not whole: {place}"))
    return 0 if found.whole else REFUSED


def chaos(asked: argparse.Namespace) -> int:
    """Kill web and worker processes over scripted cases on a scratch database; tell what was lost, doubled or half."""
    from workflows.chaos import rehearsal

    verdict = rehearsal.rehearse_on_scratch(settings(), cases=asked.cases, seed=asked.seed)
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
    if verdict.stalled:
        complain(say(f"Tidak dapat bekerja: {verdict.stalled}", f"Cannot work: {verdict.stalled}"))
    for found in [*verdict.findings.lost, *verdict.findings.doubled, *verdict.findings.half]:
        print(f"  {found}")
    return 0 if verdict.kept else REFUSED


def demo(asked: argparse.Namespace) -> int:
    """Add the demonstration's cases to a demonstration office; may be repeated, never where real cases live."""
    from workflows import launch
    from workflows.demonstration.operations import DemonstrationRefused

    try:
        with opened() as installation:
            loaded = launch.load_demonstration(installation)
    except DemonstrationRefused as error:
        complain(str(error))
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
