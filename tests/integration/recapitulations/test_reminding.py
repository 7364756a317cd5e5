"""Whoever must hand in a recapitulation is told by the clock, once for each share, and lateness is raised."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from factories import NOW, jakarta
from workflows.errors import NotFound
from workflows.notices.models import Notice
from workflows.processes.office import current_office
from workflows.recapitulations import queries
from workflows.recapitulations.models import RecapitulationReminder
from workflows.recapitulations.operations import make_recapitulation
from workflows.recapitulations.reminding import acknowledge, remind_of_due

# The first quarter is due on 15 April: ten working days, of which Good Friday is none. Half are over after the 8th.
HALF = jakarta(2026, 4, 9, 0)
LATE = jakarta(2026, 4, 16, 0)


def remind(begin_tx, now):
    with begin_tx(now=now) as tx:
        return remind_of_due(tx, current_office())


def told(session):
    rows = session.execute(
        select(RecapitulationReminder.share, RecapitulationReminder.to_role).order_by(
            RecapitulationReminder.told_at, RecapitulationReminder.to_role
        )
    )
    return [(float(row.share), row.to_role) for row in rows]


def test_each_share_is_told_once_by_bell_and_mail(begin_tx, session, keeper):
    assert remind(begin_tx, HALF - timedelta(seconds=1)) == 0
    assert remind(begin_tx, HALF) == 1
    assert remind(begin_tx, HALF + timedelta(hours=1)) == 0

    found = session.scalars(select(Notice).order_by(Notice.channel)).all()
    assert [(each.channel, each.state, each.user_id) for each in found] == [
        ("bell", "sent", keeper.user_id),
        ("email", "waiting", keeper.user_id),
    ]
    assert found[0].texts["id"]["bell"] == "Rekapitulasi Triwulan I 2026 jatuh tempo 15 April 2026"
    assert found[0].texts["en"]["bell"] == "The recapitulation of Quarter I of 2026 is due on 15 April 2026"
    assert "(4 hari)" in found[1].texts["id"]["text"]


def test_a_clock_that_stood_still_tells_the_latest_alone_and_raises_the_breach(begin_tx, session, keeper, an_office):
    assert remind(begin_tx, LATE) == 2
    assert remind(begin_tx, LATE) == 0
    assert told(session) == [(1.0, "keeper"), (1.0, "office_head")]

    (mine,) = queries.raised_to(session, keeper)
    assert (mine.period, mine.deadline_id, mine.title["id"]) == ("2026-Q1", "G-08", "Rekapitulasi contoh")
    assert queries.raised_to(session, an_office.officer) == []
    with begin_tx(an_office.officer) as tx, pytest.raises(NotFound):
        acknowledge(tx, mine.id)
    with begin_tx(keeper, now=LATE) as tx:
        acknowledge(tx, mine.id)
        acknowledge(tx, mine.id)
    assert queries.raised_to(session, keeper) == []
    (seen,) = queries.raised_to(session, keeper, open_only=False)
    assert (seen.acknowledged_by, seen.acknowledged_at) == ("Nurhayati", LATE)
    assert len(queries.raised_to(session, an_office.head)) == 1


def test_what_was_handed_in_is_not_chased(begin_tx, session, keeper):
    with begin_tx(keeper, now=jakarta(2026, 4, 1)) as tx:
        make_recapitulation(tx, "sample", "2026-Q1", edition="full", office=current_office())

    assert remind(begin_tx, LATE) == 0
    assert queries.outstanding(session, "sample", queries.plans(session)["sample"], current_office(), LATE) == []


def test_a_quarter_before_the_case_type_was_there_is_not_chased(begin_tx, session, keeper):
    assert remind(begin_tx, NOW) == 0

    in_summer = jakarta(2026, 8, 3)
    assert remind(begin_tx, in_summer) == 4
    plan = queries.plans(session)["sample"]
    due = queries.outstanding(session, "sample", plan, current_office(), in_summer)
    assert [each.period for each in due] == ["2026-Q1", "2026-Q2"]


def test_a_role_that_nobody_fills_hears_of_it_when_somebody_does(begin_tx, session, an_office):
    assert remind(begin_tx, LATE) == 1
    assert session.scalar(select(func.count()).select_from(RecapitulationReminder)) == 1
