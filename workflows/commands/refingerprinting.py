"""`amanah refingerprint`: fingerprints under another key, from the command line.

Case by case, an act each: interrupted, it goes on where it stopped, since every row says which key made it. What is
made anew, and of what, is in `items.operations`.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import fingerprints, launch
from workflows.cases.models import Case
from workflows.catalogue import queries as catalogue
from workflows.catalogue.manifest import ItemFields
from workflows.commands.telling import REFUSED
from workflows.installation import Installation
from workflows.items.models import Giver, Item
from workflows.items.operations import Renewed, renew_marks
from workflows.language import say
from workflows.processes.queries import instances_of

# Cases after which it is said how far it has come.
_TOLD_EVERY = 500


def run(installation: Installation) -> int:
    """Make the fingerprints of every case anew that another key made; 1 when some could not be."""
    former = installation.settings.fingerprint_key_former
    with launch.acting(installation) as tx:
        waiting = _waiting(tx.session)
    done: list[Renewed] = []
    for place, case_id in enumerate(waiting, start=1):
        with launch.acting(installation) as tx:
            case = tx.session.get_one(Case, case_id)
            mapping = _mapping_of(tx.session, case)
            if mapping is not None:
                done.append(renew_marks(tx, case, mapping, former=former))
        if place % _TOLD_EVERY == 0:
            print(say(f"{place} dari {len(waiting)} kasus", f"{place} of {len(waiting)} cases"), flush=True)
    givers, items = sum(each.givers for each in done), sum(each.items for each in done)
    left, strange = sum(each.left for each in done), sum(each.strange for each in done)
    print(
        say(
            f"{len(waiting)} kasus: {givers} pemberi dan {items} objek kini dikenali dengan kunci yang baru.",
            f"{len(waiting)} cases: {givers} givers and {items} objects are recognised by the new key now.",
        )
    )
    if strange:
        print(
            say(
                f"{strange} sidik tidak dibuat kunci lama dari isian yang tersimpan; isiannya berubah sesudahnya.",
                f"{strange} fingerprints were not made by the former key of what is kept, which was changed since.",
            )
        )
    if left:
        print(
            say(
                f"{left} sidik tetap: namanya atau nomornya tidak lagi tersimpan. Simpan kunci lama bersama arsipnya.",
                f"{left} fingerprints stay: name or number is no longer kept. Keep the former key with the archive.",
            )
        )
    return REFUSED if left else 0


def _waiting(session: Session) -> Sequence[UUID]:
    """Give the cases with a fingerprint that another key made, oldest first."""
    key = fingerprints.key_id()
    givers = select(Giver.case_id).where(Giver.mark_key.is_distinct_from(key))
    items = select(Item.case_id).where(Item.receiver.is_not(None), Item.mark_key.is_distinct_from(key))
    found = select(Case.id).where(Case.id.in_(givers.union(items))).order_by(Case.opened_at, Case.id)
    return session.scalars(found).all()


def _mapping_of(session: Session, case: Case) -> ItemFields | None:
    """Give where the forms of the case tell of objects: by the edition that it runs on, or else the open one."""
    runs = instances_of(session, case.id)
    edition = (
        catalogue.version(session, runs[-1].version_id) if runs else catalogue.newest_version(session, case.case_type)
    )
    return catalogue.manifest(session, edition).items
