"""Every kind of journal entry with the exact names of its facts.

A kind is `noun.past_tense`. Facts are ids, codes, dates and counts: what an outsider may read without learning what
anybody wrote. A new kind is a new line here, and its Indonesian words a new line in `webapp.labels`.
"""

KINDS: dict[str, frozenset[str]] = {
    kind: frozenset(facts.split())
    for kind, facts in {
        # Cases
        "case.opened": "number case_type channel anonymous confidential",
        "case.classified": "field old new",
        "case.stage_set": "stage",
        "case.closed": "disposition",
        "case.reopened": "",
        "case.referred": "referral from_unit to_unit",
        "case.handed_over": "to_unit",
        "case.escalated": "escalation deadline to_role to_unit",
        "case.duplicate_suggested": "other distance_metres days",
        "case.duplicate_linked": "other",
        "case.duplicate_dismissed": "other",
        # An officer decided otherwise than a table; the reason is in the content.
        "decision.overridden": "decision answer chosen content",
        "escalation.acknowledged": "escalation",
        "circle.assigned": "role unit user",
        "exclusion.added": "unit user reason",
        "content.put": "content kind element audience checksum",
        "content.published": "content kind",
        "party.added": "party role",
        "party.completed": "party",
        "identity.read": "party",
        # Deadlines
        "deadline.started": "deadline round due_at",
        "deadline.met": "deadline round late",
        "deadline.reminded": "deadline round share",
        "deadline.stopped": "deadline round",
        "deadline.resumed": "deadline round",
        # The run was suspended or resumed, and the law knows no pause.
        "deadline.kept_running": "deadline round due_at passed",
        # `kept`: the day counted anew is earlier, so the promise stays with the old one.
        "deadline.recounted": "deadline round old new kept",
        # Processes and tasks
        "process.started": "instance version",
        "process.ended": "instance outcome",
        "process.cancelled": "instance reason",
        # What an operator did to a run; the reason is kept with the case.
        "process.suspended": "instance",
        "process.resumed": "instance since",
        "process.moved": "instance element target",
        "process.migrated": "instance from_version to_version batch",
        "process.migration_undone": "instance from_version to_version batch",
        "migration.begun": "batch case_type from_version to_version cases",
        "message.received": "instance message",
        # It came before the diagram waited for it.
        "message.kept": "instance message expires_at",
        "message.expired": "instance message",
        # Another case threw it.
        "signal.received": "instance signal thrown_by",
        # A table was asked: which rules of which edition answered, by the law of which day.
        "step.decided": "instance element decision rules checksum effective_on",
        "timer.fired": "instance element due_at late_seconds",
        "timer.recounted": "instance element old new",
        "variable.recounted": "instance variable old new",
        "timer.held": "instance element due_at",
        "task.created": "task element role unit due_at",
        "task.claimed": "task",
        "task.released": "task",
        "task.assigned": "task to",
        "task.completed": "task element",
        "task.cancelled": "task element",
        "task.reopened": "task element",
        # What was given, and by whom
        "items.recorded": "items givers content",
        "items.withdrawn": "items",
        # Fingerprints were made anew under another key, known by `key`.
        "items.remarked": "givers items key",
        "item.amended": "item fields content",
        "giver.amended": "giver fields content",
        "giver.confirmed": "giver other content",
        "giver.denied": "giver other content",
        # Reports and receipts
        "report.submitted": "receipt files",
        "information.added": "message files",
        # Evidence, letters, reports, notices, incidents
        "evidence.attached": "evidence sha256 size",
        "evidence.read": "evidence",
        "evidence.released": "evidence",
        "letter.issued": "letter name number",
        "letter.printed": "letter sha256",
        "letter.failed": "letter",
        "report.requested": "report edition",
        "report.printed": "report edition sha256",
        "report.failed": "report",
        "notice.queued": "notice template channel",
        "notice.sent": "notice channel",
        "notice.failed": "notice channel",
        "incident.opened": "incident code",
        "incident.assigned": "incident to",
        "incident.retried": "incident",
        "incident.resolved": "incident",
        # People and definitions
        "user.signed_in": "user",
        "user.sign_in_failed": "user",
        "user.signed_out": "user",
        "user.added": "user",
        "user.changed": "user fields",
        "user.moved": "user unit",
        "user.deactivated": "user",
        "user.password_changed": "user",
        "user.password_reset": "user",
        "user.second_factor_enrolled": "user",
        "user.second_factor_removed": "user",
        "user.sessions_revoked": "user",
        "administrator.installed": "user forced",
        "unit.added": "unit code",
        "unit.changed": "unit fields",
        "unit.closed": "unit",
        "unit.head_named": "unit user",
        "role.defined": "role",
        "role.granted": "user role unit",
        "role.ended": "user role unit",
        "deputy.named": "user deputy",
        "deputy.ended": "user deputy",
        "custody.taken": "custody slip",
        "custody.handed_over": "custody to",
        "custody.released": "custody to",
        # What went to an authority: the name that the case type gives the package, the checksum of its archive.
        "package.requested": "package name",
        "package.made": "package name sha256 files",
        "package.failed": "package",
        "package.read": "package",
        "activity.recorded": "activity kind held_on",
        "activity.struck": "activity",
        "recapitulation.made": "recapitulation case_type period edition checksum",
        "recapitulation.printed": "recapitulation sha256",
        "recapitulation.failed": "recapitulation",
        # The clock told a role that one is due; at a share of 1 it is late, and raised.
        "recapitulation.reminded": "reminder case_type period share to_role",
        "recapitulation.acknowledged": "reminder",
        "definition.published": "case_type version checksum",
        "definition.retired": "case_type version",
        "calendar.day_set": "day kind version",
        "calendar.year_set": "year provisional version",
        "calendar.recount_asked": "",
        # What was refused
        "act.refused": "act subject subject_id",
    }.items()
}
