"""Publishing makes immutable editions; the same files make none."""

import pytest

from workflows.catalogue import queries
from workflows.catalogue.bundle import read_bundle
from workflows.catalogue.operations import publish, retire
from workflows.errors import BrokenDefinition, NotAllowed, NotFound
from workflows.journal.models import JournalEntry
from workflows.transaction import NOBODY

KEY = "complaint"


def _rename(folder, name):
    diagram = folder / "process.bpmn"
    diagram.write_text(diagram.read_text().replace("Tindak lanjut", name, 1))


@pytest.fixture
def version_1(begin_tx, a_case_type):
    with begin_tx() as tx:
        return publish(tx, a_case_type)


def test_the_first_edition_takes_new_cases(session, version_1):
    assert (version_1.case_type, version_1.number, version_1.is_open) == (KEY, 1, True)
    assert queries.newest_version(session, KEY) is version_1
    assert [record.title for record in queries.case_types(session)] == ["Pengaduan masyarakat"]


def test_the_same_files_are_the_same_edition(session, begin_tx, a_case_type, version_1):
    with begin_tx() as tx:
        assert publish(tx, a_case_type) is version_1

    kinds = [entry.kind for entry in session.query(JournalEntry)]
    assert kinds == ["definition.published"]


def test_a_changed_diagram_is_the_second_edition_and_the_first_one_stays(session, begin_tx, a_case_type, version_1):
    _rename(a_case_type, "Tindak lanjut oleh OPD")

    with begin_tx() as tx:
        version_2 = publish(tx, a_case_type)

    assert (version_2.number, version_2.is_open, version_1.is_open) == (2, True, False)
    assert queries.newest_version(session, KEY) is version_2
    assert queries.definition(session, version_1).element("follow_up").name == "Tindak lanjut"
    assert queries.definition(session, version_2).element("follow_up").name == "Tindak lanjut oleh OPD"
    assert queries.versions(session, KEY) == [version_2, version_1]


def test_going_back_to_earlier_files_opens_that_edition_again(session, begin_tx, a_case_type, version_1):
    _rename(a_case_type, "Tindak lanjut oleh OPD")
    with begin_tx() as tx:
        publish(tx, a_case_type)
    _rename(a_case_type, "Tindak lanjut")
    diagram = a_case_type / "process.bpmn"
    diagram.write_text(diagram.read_text().replace("Tindak lanjut oleh OPD", "Tindak lanjut"))

    with begin_tx() as tx:
        again = publish(tx, read_bundle(a_case_type))

    assert again is version_1
    assert again.is_open
    assert again.retired_at is None


def test_what_is_in_the_files_comes_out_of_the_database(session, version_1, a_case_type):
    assert queries.bundle(session, version_1) == read_bundle(a_case_type)
    assert queries.manifest(session, version_1).key == KEY
    assert queries.form(session, version_1, "verify").id == "verify"
    assert set(queries.letter_files(session, version_1, "answer")) >= {"template.html", "style.css", "letterhead.html"}
    assert queries.diagram(session, version_1).startswith(b"<?xml")


def test_a_definition_is_parsed_once_per_process(session, version_1):
    assert queries.definition(session, version_1) is queries.definition(session, version_1)


def test_what_is_not_there_is_not_found(session, version_1):
    for ask in (queries.form, queries.letter_files):
        with pytest.raises(NotFound):
            ask(session, version_1, "unheard_of")
    with pytest.raises(NotFound):
        queries.version(session, __import__("uuid").uuid4())


def test_a_retired_type_takes_no_new_cases_and_keeps_its_edition(session, begin_tx, version_1):
    with begin_tx() as tx:
        retire(tx, KEY)

    assert queries.case_types(session) == []
    with pytest.raises(NotFound):
        queries.newest_version(session, KEY)
    assert queries.version(session, version_1.id) is version_1
    with begin_tx() as tx, pytest.raises(NotFound):
        retire(tx, KEY)


def test_a_broken_case_type_is_not_published(session, begin_tx, a_case_type):
    (a_case_type / "forms" / "verify.form").unlink()

    with pytest.raises(BrokenDefinition) as refused, begin_tx() as tx:
        publish(tx, a_case_type)

    assert any(finding.code == "form.unknown" for finding in refused.value.findings)
    assert queries.case_types(session) == []


def test_only_who_may_publish_publishes(begin_tx, a_case_type):
    with pytest.raises(NotAllowed), begin_tx(NOBODY) as tx:
        publish(tx, a_case_type)
