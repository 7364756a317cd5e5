"""A quarter is counted from the cases, kept as it was, and printed; beside it the register of activities."""

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pikepdf
import pytest
from openpyxl import load_workbook
from sqlalchemy import select, text

from case_factories import a_key
from factories import NOW
from prints import faults
from workflows.activities import operations as activities
from workflows.activities import queries as register
from workflows.cases import contents
from workflows.cases.models import Case
from workflows.custody.models import Custody
from workflows.errors import Conflict, InvalidAnswers, NotAllowed, NotFound
from workflows.intake import operations as intake
from workflows.journal.models import JournalEntry
from workflows.letters.seals import NoSeal
from workflows.processes.office import current_office
from workflows.recapitulations import queries
from workflows.recapitulations.facts import facts_of
from workflows.recapitulations.operations import make_recapitulation, note_failure, print_figures
from workflows.recapitulations.periods import Period
from workflows.transaction import NOBODY

CANARY = "KANARI-judul"


@pytest.fixture
def reports(begin_tx, an_office):
    """Four reports of the first quarter of 2026 and one of the second."""
    later = datetime(2026, 3, 31, 17, tzinfo=UTC)
    for at, category in ((NOW, "02"), (NOW, "02"), (NOW, "02"), (NOW, "10"), (later, "02")):
        posted = {"title": [CANARY], "story": ["Menunggu lima jam."], "category": [category], "name": ["Siti"]}
        with begin_tx(NOBODY, now=at) as tx:
            intake.submit_report(tx, "sample", posted=posted, key=a_key())


def make(begin_tx, actor, period="2026-Q1", edition="full", now=NOW):
    with begin_tx(actor, now=now) as tx:
        return make_recapitulation(tx, "sample", period, edition=edition, office=current_office())


def record(begin_tx, actor, **changed):
    told = {
        "kind": "training", "held_on": date(2026, 2, 3), "title": "Pelatihan UPG", "hours": Decimal("2.5"),
        "participants": 30, "units": ["DINKES"], "zone": current_office().zone, **changed,
    }  # fmt: skip
    with begin_tx(actor) as tx:
        return activities.record_activity(tx, "sample", told.pop("kind"), **told)


def test_a_quarter_is_counted_in_days_of_the_office_and_printed(begin_tx, session, keeper, reports):
    record(begin_tx, keeper)
    made = make(begin_tx, keeper)

    by_category, by_stage = made.figures["tables"]
    # Five in the evening in UTC of 31 March is midnight, the first of April, in the office's zone.
    assert made.figures["cases"] == 4
    assert [(row["key"], row["count"]) for row in by_category["rows"]] == [("02", 3), ("10", 1)]
    assert by_stage["total"]["count"] == 4
    assert {one["id"]: one["value"] for one in made.figures["indicators"]} == {"late": 0, "open": 4, "hours": "2.5"}

    with begin_tx() as tx:
        printed = print_figures(tx, made.id, office=current_office(), seal=NoSeal())
        assert print_figures(tx, made.id, office=current_office(), seal=NoSeal()) is printed
    found, paper = queries.document(session, keeper, made.id, kind="pdf")
    assert found.state == "ready"
    assert faults(paper) == []
    with pikepdf.open(io.BytesIO(paper)) as pdf:
        assert json.loads(pdf.attachments["data.json"].get_file().read_bytes()) == made.figures
    _, sheet = queries.document(session, keeper, made.id, kind="xlsx")
    assert load_workbook(io.BytesIO(sheet))["Menurut masalah"]["B2"].value == 3
    assert CANARY.encode() not in paper + sheet + json.dumps(made.figures).encode()
    verified = queries.verified(session, made.document_id.lower())
    assert verified is not None
    assert (verified.period, verified.checksum) == ("2026-Q1", printed.checksum)


def test_what_is_withheld_says_so_and_the_paper_tells_the_hour_of_the_office(begin_tx, session, keeper, reports):
    public, full = (make(begin_tx, keeper, edition=edition) for edition in ("public", "full"))

    def sheet(made):
        return queries.shown(session, keeper, made.id, office=current_office(), language="id")[1]

    told = sheet(public)
    by_category = told["tables"][0]
    # Three were of one category and one of another; the first is withheld because the rest would tell the second.
    assert [row["cells"] for row in by_category["rows"]] == [["tidak ditulis"], ["tidak ditulis"]]
    assert told["recipients"] == []
    assert sheet(full)["recipients"] != []
    assert sheet(full)["made_at"] == NOW.astimezone(current_office().zone).isoformat()


def test_deposits_are_known_by_their_days_in_the_office_and_by_nobody(begin_tx, session, reports):
    case = session.scalars(select(Case).order_by(Case.opened_at).limit(1)).one()
    evening = datetime(2026, 3, 31, 17, tzinfo=UTC)
    with begin_tx(now=evening) as tx:
        told = contents.put(tx, tx.session.merge(case), "message", {"text": "Dititipkan."})
        tx.session.add(
            Custody(
                id=uuid4(), case_id=case.id, slip_number="TT-1", taken_at=NOW, place="Lemari besi", condition="good",
                content_id=told.id, released_at=evening, released_to="reporter",
            )
        )  # fmt: skip

    period, zone = Period(2026, 1), current_office().zone
    (deposit,) = [
        deposit
        for told in facts_of(session, "sample", period, now=evening, zone=zone).cases
        for deposit in told["custody"]
    ]

    assert deposit == {
        "taken_on": NOW.astimezone(zone).date(), "released_on": date(2026, 4, 1), "released_to": "reporter",
    }  # fmt: skip


def test_figures_stay_as_they_were_counted(begin_tx, session, keeper, reports):
    early = make(begin_tx, keeper, edition="public")
    assert [row["count"] for row in early.figures["tables"][0]["rows"]] == [None, None]
    with begin_tx(NOBODY) as tx:
        posted = {"title": ["Lain"], "story": ["Menunggu."], "category": ["10"]}
        intake.submit_report(tx, "sample", posted=posted, key=a_key())

    assert make(begin_tx, keeper).figures["cases"] == 5
    session.expire_all()
    assert early.figures["cases"] == 4
    kinds = session.scalars(select(JournalEntry.kind).where(JournalEntry.kind == "recapitulation.made")).all()
    assert len(kinds) == 2


def test_whoever_has_no_right_neither_makes_nor_reads_one(begin_tx, session, an_office, keeper, reports):
    made = make(begin_tx, keeper)

    with pytest.raises(NotAllowed):
        make(begin_tx, an_office.officer)
    with pytest.raises(NotAllowed):
        queries.document(session, an_office.officer, made.id, kind="pdf")
    with pytest.raises(NotAllowed):
        queries.made(session, an_office.supervisor, "sample")
    with pytest.raises(NotAllowed):
        record(begin_tx, an_office.officer)


def test_periods_that_cannot_be_counted_are_refused(begin_tx, keeper):
    with pytest.raises(Conflict, match=r"period\.to_come"):
        make(begin_tx, keeper, period="2027-Q1")
    for wrong in ({"period": "2026-Q9"}, {"edition": "secret"}):
        with pytest.raises(NotFound):
            make(begin_tx, keeper, **wrong)


def test_a_print_that_fails_says_so(begin_tx, session, keeper):
    made = make(begin_tx, keeper)
    with begin_tx() as tx:
        note_failure(tx, made.id)

    with pytest.raises(Conflict, match=r"report\.not_ready"):
        queries.document(session, keeper, made.id, kind="xlsx")
    assert made.state == "failed"


def test_the_quarter_that_is_over_is_due_until_it_is_made(begin_tx, session, keeper):
    plan = queries.plans(session)["sample"]
    april = datetime(2026, 4, 3, 3, tzinfo=UTC)
    # Made while the quarter ran: that is not the quarter's recapitulation.
    make(begin_tx, keeper)

    due = queries.due(session, "sample", plan, current_office(), april)
    assert (due.period, due.due_on, due.made) == ("2026-Q1", date(2026, 4, 15), False)

    make(begin_tx, keeper, now=april)
    assert queries.due(session, "sample", plan, current_office(), april).made


def test_a_wrong_line_is_struck_and_written_anew(begin_tx, session, keeper):
    wrong = record(begin_tx, keeper, hours=Decimal(25))
    with begin_tx(keeper) as tx:
        activities.strike_activity(tx, wrong.id, reason="Salah ketik")
    record(begin_tx, keeper, kind="rule", hours=None, participants=None, units=[])

    assert register.count_lines(session, "sample") == 2
    held = register.held_between(session, "sample", date(2026, 1, 1), date(2026, 12, 31))
    assert [line.kind for line in held] == ["rule"]
    with begin_tx(keeper) as tx, pytest.raises(Conflict):
        activities.strike_activity(tx, wrong.id, reason="Sekali lagi")
    with begin_tx(keeper) as tx, pytest.raises(InvalidAnswers):
        activities.strike_activity(tx, wrong.id, reason=" ")
    assert session.scalar(text("SELECT count(*) FROM activity")) == 2


WRONG = {
    "kind": ({"kind": "party"}, ("kind", "unknown_option")),
    "hours": ({"hours": None}, ("hours", "required")),
    "not a number": ({"hours": Decimal("NaN")}, ("hours", "not_number")),
    "less than nobody": ({"participants": -1}, ("participants", "below_minimum")),
    "ahead": ({"held_on": date(2027, 1, 1)}, ("held_on", "ahead")),
    "no day": ({"held_on": None}, ("held_on", "required")),
    "title": ({"title": "x" * 301}, ("title", "too_long")),
    "unit": ({"units": ["NOWHERE"]}, ("units", "unknown_option")),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_line_that_does_not_fit_is_told_field_by_field(begin_tx, keeper, wrong):
    changed, problem = WRONG[wrong]
    with pytest.raises(InvalidAnswers) as invalid:
        record(begin_tx, keeper, **changed)

    assert [found[:2] for found in invalid.value.problems] == [problem]
