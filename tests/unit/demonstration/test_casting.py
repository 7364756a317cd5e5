"""What the demonstration types and attaches is what a browser would send."""

from datetime import date
from io import BytesIO

from PIL import Image

from workflows.demonstration.casting import pictures, posted_report, posted_step
from workflows.demonstration.photographs import photograph
from workflows.demonstration.scripts import Report, Step
from workflows.forms.schema import Component, Form

FORM = Form(
    "sample",
    (
        Component("textfield", "1", key="title", name="title"),
        Component("datetime", "2", key="event_date", name="event_date"),
        Component("checkbox", "3", key="anonymous", name="anonymous"),
        Component("filepicker", "4", key="files", name="files"),
    ),
)


def a_report(**fields):
    return Report("key", "sample", 1, False, 0, "", fields, "", ())


def test_a_report_is_posted_as_texts():
    report = a_report(title="Lampu padam", event_date=-3, at=[3.7, 98.4], anonymous=True, confidential=False)

    assert posted_report(report, FORM, date(2026, 3, 2)) == {
        "title": ["Lampu padam"],
        "event_date": ["2026-02-27"],
        "latitude": ["3.7"],
        "longitude": ["98.4"],
        "anonymous": ["true"],
    }


def test_a_step_is_posted_with_the_day_on_which_it_is_played():
    step = Step("complete", "record_receipt", 1, {"agenda_date": "{today}", "team": "Irban"})

    assert posted_step(step, date(2026, 3, 2)) == {"agenda_date": ["2026-03-02"], "team": ["Irban"]}
    assert "_no_conflict" in posted_step(step, date(2026, 3, 2), recusal=True)


def test_a_picture_goes_to_the_field_that_takes_files():
    (upload,) = pictures("Lampu padam!", FORM)

    assert (upload.field, upload.name) == ("files", "lampu-padam.jpg")
    assert Image.open(upload.stream).format == "JPEG"


def test_without_a_label_or_a_field_there_is_no_picture():
    assert pictures("", FORM) == []
    assert pictures("Lampu", None) == []
    assert pictures("Lampu", Form("empty", ())) == []


def test_a_label_always_gives_the_same_small_picture():
    content = photograph("Jalan rusak")

    assert content == photograph("Jalan rusak") != photograph("Jalan amblas")
    assert len(content) < 100_000
    assert Image.open(BytesIO(content)).size == (960, 720)
