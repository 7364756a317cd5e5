"""Tells whoever owns new faults that they wait, by bell and mail. How a fault is raised and settled is `incidents`'."""

from datetime import timedelta

from workflows.incidents.operations import ADMINISTRATOR, note_told
from workflows.incidents.queries import owners_to_tell
from workflows.notices import operations as notices
from workflows.notices.templates import NoticeTemplate
from workflows.people.queries import holders_of
from workflows.transaction import Tx

# Whoever was told looks at the page, which shows all; a storm of faults is no storm of mails.
_QUIET = timedelta(hours=1)
# It names no case and no fault: what a confidential case suffers is told on the page, to those who may see it.
FAULTS_WAIT = NoticeTemplate(
    id="faults_wait",
    parts={
        "id": {
            "subject": "Ada gangguan baru yang menunggu Anda",
            "text": "Ada gangguan baru yang menjadi tanggung jawab Anda. Silakan masuk dan buka menu Gangguan.",
            "bell": "Ada gangguan baru yang menjadi tanggung jawab Anda: buka menu Gangguan.",
        },
        "en": {
            "subject": "New faults wait for you",
            "text": "There are new faults that you look after. Please sign in and open Faults in the menu.",
            "bell": "There are new faults that you look after: open Faults in the menu.",
        },
    },
)


def tell_owners(tx: Tx) -> None:
    """Tell the holders of each role that owns a fault of which nobody was told yet; called by the clock.

    A fault that has gone away by itself meanwhile is nobody's business. A role hears once in an hour at most, and of
    faults in sending only by bell: a mail about mails that do not leave would be the next fault. Administrators stand
    in for a role that nobody holds.
    """
    for owner in owners_to_tell(tx.session, quiet_since=tx.now - _QUIET):
        people = holders_of(tx.session, owner.role, tx.now) or holders_of(tx.session, ADMINISTRATOR, tx.now)
        channels = () if owner.is_of_sending else ("email",)
        told = [notices.Recipient(user.id, language=user.language, channels=channels) for user in people]
        notices.notify(tx, FAULTS_WAIT, told)
        note_told(tx, owner.role)
