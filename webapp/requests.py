"""What arrives, before anybody reads it: signs that no keyboard types and no database holds are taken out."""

from flask import Flask, Request, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import NotFound
from werkzeug.utils import cached_property

# PostgreSQL holds every sign but this one; nobody types it, and no answer is wrong without it.
NUL = "\x00"


class CleanRequest(Request):
    """A request whose texts can all be stored."""

    @cached_property
    def args(self) -> "MultiDict[str, str]":
        """Give what stands in the address behind the question mark."""
        return _clean(super().args)

    def _load_form_data(self) -> None:
        super()._load_form_data()
        self.__dict__["form"] = _clean(self.form)


def init_requests(app: Flask) -> None:
    """Answer an address with such a sign like any other that does not exist."""

    @app.before_request
    def refuse_unspeakable() -> None:
        if NUL in request.path:
            raise NotFound


def _clean(posted: "MultiDict[str, str]") -> "MultiDict[str, str]":
    if not any(NUL in name or NUL in value for name, value in posted.items(multi=True)):
        return posted
    return ImmutableMultiDict(
        [(name.replace(NUL, ""), value.replace(NUL, "")) for name, value in posted.items(multi=True)]
    )
