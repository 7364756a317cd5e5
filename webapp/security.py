"""The headers of every answer, as one table: class of address by header. A test walks every route through it."""

from flask import Flask, Response, request

# No inline code, no inline style, nothing from elsewhere; pictures may also be drawn into the page as data.
CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)

EVERYWHERE = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "accelerometer=(), camera=(), geolocation=(self), microphone=(), payment=(), usb=()",
}

# Nothing of a page with people or cases in it may stay on a shared computer.
NOT_STORED = {"Cache-Control": "no-store"}
# The same for everybody, yet its form token is one visitor's.
OWN_COPY = {"Cache-Control": "no-cache, private"}
BUILT = {"Cache-Control": "public, max-age=31536000, immutable"}

# Class of address -> headers on top of those that go everywhere. The first prefix that fits counts.
BY_ADDRESS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/aset/", BUILT),
    ("/kredit", OWN_COPY),
    ("/poster/", OWN_COPY),
    ("/sehat", NOT_STORED),
    ("/", NOT_STORED),
)


def headers_for(path: str) -> dict[str, str]:
    """Give the headers that an answer to a request for `path` carries."""
    particular = next(headers for prefix, headers in BY_ADDRESS if path.startswith(prefix))
    return {**EVERYWHERE, **particular}


def init_security(app: Flask, *, over_https: bool) -> None:
    """Put the headers on every answer."""

    @app.after_request
    def harden(response: Response) -> Response:
        headers = headers_for(request.path)
        if response.status_code >= 400:
            # A refusal is never kept, wherever it happened.
            headers.update(NOT_STORED)
        response.headers["Cache-Control"] = headers.pop("Cache-Control")
        for name, value in headers.items():
            # A stricter content policy, such as that of a download, stays.
            response.headers.setdefault(name, value)
        if over_https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return response
