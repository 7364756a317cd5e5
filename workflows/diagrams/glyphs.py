"""The small signs of BPMN as SVG: what kind of task, what kind of event, which gateway. Pure texts, drawn by us.

Each sign is drawn in a box of 16 x 16, gateways around the origin. `{c}` is the colour of lines, `{f}` that of filled
areas: a throwing event is filled, a catching one is not. No sign depends on a font.
"""

from collections.abc import Mapping

TASKS: Mapping[str, str] = {
    "userTask": '<path d="M8 1.5a3.2 3.2 0 1 1 0 6.4a3.2 3.2 0 1 1 0-6.4zM2 15c0-4 2.5-6 6-6s6 2 6 6z"'
    ' fill="none" stroke="{c}" stroke-width="1.2"/>',
    "serviceTask": '<circle cx="8" cy="8" r="5.2" fill="none" stroke="{c}" stroke-width="2.4"'
    ' stroke-dasharray="2.72 1.36"/><circle cx="8" cy="8" r="2" fill="none" stroke="{c}" stroke-width="1.2"/>',
    "businessRuleTask": '<path d="M1 3h14v10.5H1zM1 6.5h14M1 10h14M5.5 6.5v7" fill="none" stroke="{c}"'
    ' stroke-width="1.2"/><path d="M1 3h14v3.5H1z" fill="{c}"/>',
    "scriptTask": '<path d="M4 1.5h10c-3.5 3.5 2.5 9.5-1 13H3c3.5-3.5-2.5-9.5 1-13zM5.5 5h5M6 8h5M6.5 11h5"'
    ' fill="none" stroke="{c}" stroke-width="1.2"/>',
    "sendTask": '<path d="M1 3h14v10H1z" fill="{c}"/><path d="M1 3.5l7 5 7-5" fill="none" stroke="#ffffff"'
    ' stroke-width="1.2"/>',
    "receiveTask": '<path d="M1 3h14v10H1zM1 3l7 5.5L15 3" fill="none" stroke="{c}" stroke-width="1.2"/>',
    "manualTask": '<path d="M1.5 8c2-3 5-4.5 7.5-4.5L7.5 6h6.5M7.5 6h7a1 1 0 0 1 0 2H10m4 0a1 1 0 0 1 0 2h-4'
    'm3.5 0a1 1 0 0 1 0 2H4c-1.5 0-2.5-2-2.5-4z" fill="none" stroke="{c}" stroke-width="1.2"/>',
}

EVENTS: Mapping[str, str] = {
    "timer": '<circle cx="8" cy="8" r="6.5" fill="none" stroke="{c}" stroke-width="1.2"/>'
    '<path d="M8 3.5V8l3 2" fill="none" stroke="{c}" stroke-width="1.3"/>',
    "message": '<path d="M1.5 4h13v8.5h-13z" fill="{f}" stroke="{c}" stroke-width="1.2"/>'
    '<path d="M1.5 4l6.5 5 6.5-5" fill="none" stroke="{g}" stroke-width="1.2"/>',
    "signal": '<path d="M8 2l6.5 11h-13z" fill="{f}" stroke="{c}" stroke-width="1.2"/>',
    "error": '<path d="M2 13.5L5.5 4.5 9.5 9.5 14 2.5 10.5 12.5 6.5 7.5z" fill="{f}" stroke="{c}" stroke-width="1.2"/>',
    "escalation": '<path d="M8 1.5l5 13-5-5.5-5 5.5z" fill="{f}" stroke="{c}" stroke-width="1.2"/>',
    "terminate": '<circle cx="8" cy="8" r="6" fill="{c}"/>',
    "compensate": '<path d="M8 3v10L1.5 8zM14.5 3v10L8 8z" fill="{f}" stroke="{c}" stroke-width="1.2"/>',
    "conditional": '<path d="M3 2h10v12H3zM5 5h6M5 8h6M5 11h6" fill="none" stroke="{c}" stroke-width="1.2"/>',
    "link": '<path d="M1.5 6h7V3l6 5-6 5v-3h-7z" fill="{f}" stroke="{c}" stroke-width="1.2"/>',
    "cancel": '<path d="M2 4l2-2 4 4 4-4 2 2-4 4 4 4-2 2-4-4-4 4-2-2 4-4z" fill="{f}" stroke="{c}"'
    ' stroke-width="1.2"/>',
}

GATEWAYS: Mapping[str, str] = {
    "exclusiveGateway": '<path d="M-7-8L7 8M7-8L-7 8" stroke="{c}" stroke-width="3.2" fill="none"/>',
    "parallelGateway": '<path d="M-10 0H10M0-10V10" stroke="{c}" stroke-width="3.2" fill="none"/>',
    "inclusiveGateway": '<circle r="9" fill="none" stroke="{c}" stroke-width="2.8"/>',
    "eventBasedGateway": '<circle r="11.5" fill="none" stroke="{c}" stroke-width="1.2"/><circle r="9" fill="none"'
    ' stroke="{c}" stroke-width="1.2"/><path d="M0-5.5L5.2-1.7 3.2 4.5H-3.2L-5.2-1.7z" fill="none"'
    ' stroke="{c}" stroke-width="1.2"/>',
    "complexGateway": '<path d="M-10 0H10M0-10V10M-7-7L7 7M7-7L-7 7" stroke="{c}" stroke-width="2.2" fill="none"/>',
}

# At the lower edge of an activity: folded sub-process, repetitions one after another, at once, and as long as.
MARKERS: Mapping[str, str] = {
    "folded": '<path d="M1.5 1.5h13v13h-13zM8 4.5v7M4.5 8h7" fill="none" stroke="{c}" stroke-width="1.2"/>',
    "sequential": '<path d="M2 3.5h12M2 8h12M2 12.5h12" stroke="{c}" stroke-width="2" fill="none"/>',
    "parallel": '<path d="M3.5 2v12M8 2v12M12.5 2v12" stroke="{c}" stroke-width="2" fill="none"/>',
    "loop": '<path d="M5 14a6 6 0 1 1 5 .3M5 14l-.5-3.8M5 14l-3.8.2" fill="none" stroke="{c}" stroke-width="1.3"/>',
}

# Badges at the corner of an element, so that a state is never told by colour alone. Drawn around the origin, radius 10.
BADGES: Mapping[str, str] = {
    "done": '<path d="M-4.5.5l3 3.5 6-7.5" fill="none" stroke="#ffffff" stroke-width="2.4"/>',
    "waiting": '<path d="M-4-4.5h8L-4 4.5h8z" fill="none" stroke="#ffffff" stroke-width="1.8"/>',
    "late": '<path d="M0-6v7.5M0 4v2" fill="none" stroke="#ffffff" stroke-width="2.8"/>',
    "cancelled": '<path d="M-4-4l8 8M4-4l-8 8" fill="none" stroke="#ffffff" stroke-width="2.4"/>',
    "failed": '<path d="M1.5-6.5l-5 7h3.5l-1.5 6 5-7.5H0z" fill="#ffffff"/>',
}
