"""The judge of accessibility: every page, at the width of a phone and of a desk, without a single violation by axe.

WCAG 2.2 at level AA and axe's good practice. What a machine cannot judge (sense of alternative texts, order of focus)
is looked at by people.
"""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from browsers import axe_source

PHONE, DESK = 390, 1280

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Of what is in order axe need not tell the elements.
_QUESTION = "axe.run(document, {runOnly: %s, resultTypes: ['violations']}).then(r => r.violations)"
_WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def assert_accessible(page: Page, *, widths: tuple[int, ...] = (PHONE, DESK)) -> None:
    """Fail with the rule, the mend and the elements unless the page as it stands now has no violation."""
    complaints = [complaint for width in widths for complaint in _complaints(page, width)]
    assert not complaints, "\n".join([page.url, *complaints])


def _complaints(page: Page, width: int) -> list[str]:
    page.set_viewport_size({"width": width, "height": 900})
    # The protocol's own evaluation is not bound by the page's Content-Security-Policy, which stays in force.
    protocol = page.context.new_cdp_session(page)

    def evaluate(expression: str) -> Any:
        answer = protocol.send(
            "Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True}
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    # The page at the other width is the same document, where the judge sits already.
    if not evaluate("'axe' in window"):
        evaluate(_judge())
    complaints = []
    for violation in evaluate(_QUESTION % _RULES):
        places = "; ".join(", ".join(map(str, node["target"])) for node in violation["nodes"][:5])
        mend = violation["nodes"][0]["failureSummary"].replace("\n", " ")
        complaints.append(f"  {width} px, {violation['id']}: {violation['help']}\n    at {places}\n    {mend}")
    # WCAG 1.4.10, which axe does not measure: nobody should have to scroll sideways to read.
    if evaluate(_WIDER_THAN_THE_WINDOW) > 0:
        complaints.append(f"  {width} px, reflow: the page is wider than the window")
    protocol.detach()
    return complaints


@cache
def _judge() -> str:
    return axe_source()
