"""The plan of the demonstration keeps to office hours, to the calendar and to the order of the clock."""

from datetime import date, time, timedelta

import pytest

from factories import JAKARTA, jakarta
from workflows.calendar.working_days import WorkingCalendar
from workflows.demonstration.scripts import Report, Step
from workflows.demonstration.timetable import plan

# Thursday; the Friday after it is a holiday.
NOW = jakarta(2026, 4, 16, 14, 0)
CALENDAR = WorkingCalendar({date(2026, 4, 3): "Wafat Yesus Kristus"}, {})


def a_report(*steps, days_ago=20, key="one"):
    return Report(
        key=key,
        case_type="sample",
        line=1,
        show=False,
        days_ago=days_ago,
        by="",
        fields={},
        photo="",
        steps=steps,
    )


def step(kind="complete", name="verify", after=1):
    return Step(kind, name, after, {})


def days(acts):
    return [act.at.astimezone(JAKARTA).date() for act in acts]


def test_a_report_is_filed_so_many_days_ago():
    (filed,) = plan([a_report(days_ago=20)], NOW, CALENDAR, JAKARTA)

    assert filed.step is None
    assert days([filed]) == [date(2026, 3, 27)]


def test_a_step_waits_working_days_and_passes_over_days_off():
    acts = plan([a_report(step(after=4), days_ago=20)], NOW, CALENDAR, JAKARTA)

    # From Friday 27 March: Monday to Thursday.
    assert days(acts)[-1] == date(2026, 4, 2)
    acts = plan([a_report(step(after=5), days_ago=20)], NOW, CALENDAR, JAKARTA)
    # Friday the 3rd is a holiday, then a weekend.
    assert days(acts)[-1] == date(2026, 4, 6)


def test_whoever_completes_a_task_took_it_upon_themselves_before():
    filed, claimed, completed = plan([a_report(step())], NOW, CALENDAR, JAKARTA)

    assert (claimed.step.kind, completed.step.kind) == ("claim", "complete")
    assert filed.at < claimed.at < completed.at


def test_what_would_lie_in_the_future_does_not_happen():
    acts = plan([a_report(step(after=1), step(name="refer", after=30), step(name="answer"))], NOW, CALENDAR, JAKARTA)

    assert [act.step.name for act in acts if act.step] == ["verify", "verify"]


@pytest.mark.parametrize("hour", [0, 7, 12, 23])
def test_a_report_of_today_is_never_filed_later_than_now(hour):
    now = jakarta(2026, 4, 16, hour, 5)
    reports = [a_report(days_ago=0, key=f"report {number}") for number in range(40)]

    acts = plan(reports, now, CALENDAR, JAKARTA)

    assert len(acts) == 40
    assert all(now - timedelta(hours=24) < act.at < now for act in acts)


def test_officers_work_in_office_hours_and_on_working_days():
    steps = [step(after=after, name=f"step {after} {number}") for number, after in enumerate([0, 1, 0, 0, 2, 0, 0, 0])]
    reports = [a_report(*steps, days_ago=25 + number % 7, key=f"report {number}") for number in range(60)]

    for act in plan(reports, NOW, CALENDAR, JAKARTA):
        if act.step is None:
            continue
        local = act.at.astimezone(JAKARTA)
        assert CALENDAR.is_working_day(local.date(), joint_leave_works=False)
        assert time(8) <= local.time() <= time(16)


def test_no_clock_runs_backwards():
    steps = [step(after=number % 2, kind="message" if number % 3 == 0 else "complete") for number in range(9)]
    reports = [a_report(*steps, days_ago=20 + number % 9, key=f"report {number}") for number in range(50)]

    acts = plan(reports, NOW, CALENDAR, JAKARTA)

    assert list(acts) == sorted(acts, key=lambda act: act.at)
    for report in reports:
        own = [act for act in acts if act.report is report]
        assert [act.place for act in own] == list(range(len(own)))


def test_the_same_day_gives_the_same_plan():
    reports = [a_report(step(), step(after=0), key=f"report {number}") for number in range(10)]

    assert plan(reports, NOW, CALENDAR, JAKARTA) == plan(reports, NOW, CALENDAR, JAKARTA)
