"""Which of the tasks on a page cannot be done now, because an operator keeps their case from moving."""

from collections.abc import Collection
from uuid import UUID

from flask import Flask

from webapp.extensions import db
from workflows.processes.oversight import suspended_tasks


def init_suspended(app: Flask) -> None:
    """Offer the question to every template."""
    app.jinja_env.globals.update(suspended_among=suspended_among)


def suspended_among(task_ids: Collection[UUID]) -> Collection[UUID]:
    """Give those of the tasks whose run is suspended."""
    return suspended_tasks(db.session(), task_ids)
