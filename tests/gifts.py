"""Reports that tell of gifts, for tests of objects and givers."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from case_factories import create_case
from workflows.cases import contents, parties
from workflows.cases.models import Case
from workflows.catalogue.manifest import GiverFields, ItemFields
from workflows.feel.values import to_json
from workflows.transaction import Tx

JAKARTA = ZoneInfo("Asia/Jakarta")
NIP = "198001012005011001"
MAPPING = ItemFields(
    list="objects",
    window="rolling",
    receiver=MappingProxyType({"number": "nip"}),
    fields=MappingProxyType(
        {name: name for name in ("kind", "description", "amount", "currency", "rate", "rate_source", "rate_on",
                                 "received_on", "event", "perishable", "quantity")}
    ),
    flags=("conflict",),
    givers=GiverFields("objects", None, MappingProxyType({"name": "giver", "number": "nik", "relation": "relation"})),
)  # fmt: skip


def tell(
    tx: Tx, *rows: Mapping[str, Any], nip: str = NIP, case: Case | None = None, form: str = "report", **around: Any
) -> Case:
    """File a report (or complete it) whose list tells of these objects."""
    if case is None:
        case = create_case(tx)
        parties.add_party(tx, case, "reporter", {"nip": nip})
    contents.put(tx, case, form, to_json({"objects": list(rows), **around}))
    return case
