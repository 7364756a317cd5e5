"""The step that asks for the village, once the kecamatan is known.

Where scripts run the form offers the villages itself; otherwise they come in a step of their own after the form, so
that nobody loads a list of 277 names over a slow line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext

from webapp.assets import asset_url
from webapp.fields import Field
from webapp.form_fields import options
from webapp.lists import DISTRICTS, VILLAGES, asking_for, districts, first, villages
from workflows.forms.schema import Form

Typed = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Picker:
    """What the village picker's script needs."""

    # Names of the two fields.
    district: str
    village: str
    # Code of the kecamatan -> address of the list of its villages.
    addresses: Mapping[str, str]


@dataclass(frozen=True)
class Step:
    """What the step for the village shows."""

    # Name of the kecamatan that was chosen.
    district: str
    field: Field


def picker(form: Form) -> Picker | None:
    """Give what the script needs, where the form asks for both kecamatan and village."""
    district, village = asking_for(form, DISTRICTS), asking_for(form, VILLAGES)
    if district is None or village is None:
        return None
    addresses = {code: asset_url(f"villages-{code}.json") for code, _ in districts()}
    return Picker(district.name, village.name, addresses)


def step(form: Form, typed: Typed) -> Step | None:
    """Give the step, if a kecamatan was chosen and no village; None when there is nothing to ask."""
    district, village = asking_for(form, DISTRICTS), asking_for(form, VILLAGES)
    if district is None or village is None or first(typed, village.name):
        return None
    offered = villages(first(typed, district.name))
    if not offered:
        return None
    field = Field(
        "select",
        village.name,
        village.name,
        label=village.label(),
        hint=gettext("Boleh dikosongkan bila tidak tahu."),
        mark_optional=False,
        options=options(offered),
    )
    return Step(dict(districts())[first(typed, district.name)], field)
