"""One line and one figure for each request: what was asked by the pattern of its address, and how it was answered.

Who asked is not told: no network address, no program, no person. The number of a case stands in lines about officers'
pages alone, since a time beside the number of a report could betray who wrote it.
"""

import logging
import re
from time import perf_counter
from uuid import uuid4

from flask import Flask, Response, g, request

from webapp.guards import PUBLIC
from webapp.metrics import count_request
from workflows import logs

log = logging.getLogger("amanah.requests")

_FIT = re.compile(r"[A-Za-z0-9-]{8,64}")
# What answers machines, many times a minute.
_QUIET = frozenset({"assets.file", "portal.health", "metrics.show"})


def init_request_log(app: Flask, *, believe_proxy: bool) -> None:
    """Name every request, and tell and count it when it was answered. First of all that hears of a request."""

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-ID", "") if believe_proxy else ""
        g.request_id = given if _FIT.fullmatch(given) else uuid4().hex
        g.asked_at = perf_counter()
        g.told_with = logs.telling(request=g.request_id)
        g.told_with.__enter__()

    @app.after_request
    def tell(response: Response) -> Response:
        if "asked_at" not in g:
            return response
        seconds = perf_counter() - g.asked_at
        endpoint = request.endpoint or "-"
        route = request.url_rule.rule if request.url_rule is not None else "-"
        count_request(route, request.method, response.status_code, seconds, endpoint)
        response.headers["X-Request-ID"] = g.request_id
        if endpoint not in _QUIET:
            number = None if endpoint in PUBLIC else (request.view_args or {}).get("number")
            fields = {"route": route, "method": request.method, "status": response.status_code, "case": number}
            log.info("answered", extra={**fields, "ms": round(seconds * 1000)})
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        told_with = g.pop("told_with", None)
        if told_with is not None:
            told_with.__exit__(None, None, None)
