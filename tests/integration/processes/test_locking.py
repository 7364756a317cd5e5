"""The one read of an act makes of each row what the session itself would have made of it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import event, inspect

from case_factories import SampleOffice, create_case
from workflows import rows
from workflows.orm import Base
from workflows.processes import operations as processes
from workflows.processes.locking import lock_run
from workflows.tasks.models import Task
from workflows.transaction import Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]


def values(row: Base) -> dict[str, object]:
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}


def test_what_is_read_is_what_the_session_reads(begin_tx: BeginTx, an_office: SampleOffice) -> None:
    with begin_tx() as tx:
        instance_id = processes.start(tx, create_case(tx).id, an_office.version.id, {}).id
    with begin_tx() as tx:
        tx.session.expunge_all()

        read = lock_run(tx, "instance", instance_id)

        assert read is not None
        found = [read.instance, read.version, read.case, *read.waiting.tasks, *read.waiting.timers]
        assert len(found) > 3
        assert not tx.session.dirty
        for row in found:
            assert row in tx.session
            as_read = values(row)
            tx.session.refresh(row, attribute_names=list(as_read))
            assert as_read == values(row)


def test_the_read_is_heard_by_whoever_listens_to_statements(begin_tx: BeginTx, an_office: SampleOffice) -> None:
    """Drills count and break statements that way; the driver's cursor must not be a way past them."""
    sent: list[str] = []
    with begin_tx() as tx:
        instance_id = processes.start(tx, create_case(tx).id, an_office.version.id, {}).id
        event.listen(tx.session.connection(), "before_cursor_execute", lambda *told: sent.append(told[2]))

        lock_run(tx, "instance", instance_id)

    assert any("FOR UPDATE OF task" in statement for statement in sent)


def test_a_row_is_made_of_columns_only() -> None:
    with pytest.raises(TypeError, match="no columns"):
        rows.make(Task, colour="red")
