"""`/metrics` for Prometheus: requests and acts as this machine's web processes saw them, and the state of the house.

No name, no number of a case, no address of a person: routes as they are written, kinds, counts and seconds. With
several web processes the first part is shared through the folder that `PROMETHEUS_MULTIPROC_DIR` names (gunicorn's
settings make it); the second part is counted in the database, so that it holds for every worker of the installation.
"""

import hmac
from collections.abc import Iterator
from ipaddress import ip_address

from flask import Blueprint, Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from webapp.extensions import db
from webapp.transaction import now
from workflows.background.figures import Figures, figures
from workflows.errors import NotFound
from workflows.settings import Settings

blueprint = Blueprint("metrics", __name__)

_OWN = CollectorRegistry()
REQUESTS = Histogram(
    "amanah_request_seconds",
    "Seconds until a request was answered.",
    ["route", "method", "status"],
    registry=_OWN,
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
ACTS = Counter("amanah_acts", "Forms that were posted, by what came of them.", ["act", "outcome"], registry=_OWN)
# Headers by which a proxy says that it asks for somebody else.
_FOR_OTHERS = ("X-Forwarded-For", "Forwarded", "Via")


@blueprint.get("/metrics")
def show() -> Response:
    """Give all figures to who may read them; to anybody else the page does not exist."""
    settings: Settings = current_app.extensions["amanah_settings"]
    if not _may_read(settings.metrics_token):
        raise NotFound("page.unknown")
    registry = CollectorRegistry()
    if values.ValueClass._multiprocess:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_Others(_OWN))
    registry.register(_House(figures(db.session(), now())))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def count_request(route: str, method: str, status: int, seconds: float, act: str) -> None:
    """Count a request that was answered; what posts something is an act."""
    REQUESTS.labels(route, method, str(status)).observe(seconds)
    if method == "POST":
        outcome = "done" if status < 400 else "refused" if status < 500 else "failed"
        ACTS.labels(act, outcome).inc()


def _may_read(token: str | None) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token is not None:
        return hmac.compare_digest(given.encode(), token.encode())
    if any(name in request.headers for name in _FOR_OTHERS):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


class _Others(Collector):
    """Gives what another registry holds."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        yield from self._registry.collect()


class _House(Collector):
    """Gives the state of the installation."""

    def __init__(self, counted: Figures) -> None:
        self._counted = counted

    def collect(self) -> Iterator[Metric]:
        counted = self._counted
        yield _gauge("open_cases", "Cases that are open.", counted.open_cases)
        yield _gauge("late_cases", "Open cases with a legal deadline that passed unmet.", counted.late_cases)
        yield _gauge("running_processes", "Processes that run, the suspended ones too.", counted.running_processes)
        yield _gauge("suspended_processes", "Processes that an operator suspended.", counted.suspended_processes)
        yield _gauge("oldest_incident_seconds", "Age of the oldest open incident.", counted.oldest_incident)
        yield _gauge("due_timers", "Timers that are due and have not fired.", counted.due_timers)
        yield _gauge("timer_lateness_seconds", "By how long the latest of them is late.", counted.timer_lateness)
        if counted.watchdog_age is not None:
            yield _gauge("watchdog_age_seconds", "Since the watchdog looked last.", counted.watchdog_age)
        if counted.worker_silence is not None:
            yield _gauge("worker_silence_seconds", "Since any worker gave a sign of life.", counted.worker_silence)
        yield _gauge("oldest_job_seconds", "Since the oldest job that waits could be done.", counted.oldest_job)
        yield _gauge("kept_messages", "Messages kept until their process can take them.", counted.kept_messages)
        incidents = GaugeMetricFamily("amanah_open_incidents", "Open incidents by kind.", labels=["kind"])
        for kind, count in counted.incidents.items():
            incidents.add_metric([kind], count)
        yield incidents
        jobs = GaugeMetricFamily("amanah_jobs", "Jobs that are not done.", labels=["task", "state"])
        for each in counted.backlog:
            for state in ("waiting", "doing", "sleeping", "failed"):
                jobs.add_metric([each.task, state], getattr(each, state))
        yield jobs
        workers = GaugeMetricFamily("amanah_workers", "Parts of worker processes by sign of life.", labels=["state"])
        silent = sum(worker.silent for worker in counted.workers)
        workers.add_metric(["working"], len(counted.workers) - silent)
        workers.add_metric(["silent"], silent)
        yield workers
        entries = CounterMetricFamily("amanah_journal_entries", "Entries that the journal was given.")
        entries.add_metric([], counted.journal_entries)
        yield entries


def _gauge(name: str, help_: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"amanah_{name}", help_, value=value)
