"""What a designer decides about a kind of case outside its diagram: `case-type.yml` as a frozen `CaseType`.

The file is read in `manifest_reader`. Whether names point at things that exist (roles, forms, deadlines, elements) is
asked in `checks`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from workflows.catalogue.guiding import PublicCheck

Reporters = Literal["public", "staff", "anonymous"]
VariableType = Literal["string", "number", "boolean", "date", "datetime", "duration", "list", "context"]
LaneUnit = Literal["any", "handling"]
Recipient = Literal["reporter", "unit", "office", "outside"]

# Columns of a case that a field may fill (plain facts; contents never go there).
CASE_COLUMNS = (
    "category",
    "classification",
    "district",
    "event_on",
    "latitude",
    "longitude",
    "subject_office",
    "village",
)
# What forms may tell of an object, of its giver, and of its receiver. Choices are kept as codes, the rest as amounts,
# dates and ticks; what is written in `ITEM_WORDS` and of the giver's identity stays a content of the case.
ITEM_CODES = ("kind", "form", "event", "place", "estimated_by", "rate_source")
ITEM_WORDS = ("description",)
ITEM_FACTS = (
    *ITEM_CODES, *ITEM_WORDS, "quantity", "amount", "currency", "rate", "rate_on", "received_on", "perishable",
)  # fmt: skip
GIVER_WORDS = ("name", "number", "birth_date", "occupation", "address")
GIVER_FACTS = (*GIVER_WORDS, "relation")
RECEIVER_FACTS = ("number", "name", "birth_date")
# A reporter sees a handful of words, not the office's own vocabulary.
MOST_PUBLIC_STAGES = 5


# What a case is printed for: the office, the reporter, and the Ombudsman in one page.
EDITIONS = ("internal", "reporter", "ombudsman")


@dataclass(frozen=True)
class Lane:
    """Who works in a lane of the diagram."""

    # Id of the lane in the diagram.
    id: str
    # Role that may take the tasks of the lane.
    role: str
    # "any": holders of the role in every unit; "handling": only those in the unit to which the case was referred.
    unit: LaneUnit


@dataclass(frozen=True)
class PublicStage:
    """One of the few words that a reporter sees."""

    id: str
    title: str
    title_en: str


@dataclass(frozen=True)
class Stage:
    """Where a case stands, as the diagram says."""

    id: str
    title: str
    title_en: str
    # Id of the public stage that a reporter sees meanwhile.
    public: str
    # True while the reporter keeps what they wrote but has not sent it: no duty to report is met yet.
    unsent: bool = False
    # True where the reporter reads these very words too; elsewhere the few public stages are all that is said.
    told: bool = False


@dataclass(frozen=True)
class Disposition:
    """One way in which a case may end (keputusan akhir)."""

    id: str
    title: str
    title_en: str


@dataclass(frozen=True)
class ReporterMessage:
    """What a reporter may send while the diagram awaits it."""

    # Name of the BPMN message.
    name: str
    title: str
    title_en: str
    # Id of the form that the reporter fills in.
    form: str


@dataclass(frozen=True)
class Rung:
    """One step of the escalation ladder, as people see it; the diagram is what climbs it."""

    # Id of the deadline whose breach reaches this step.
    deadline: str
    # Role that is told.
    role: str
    title: str
    title_en: str
    # Id of the deadline in whose running this step falls; its own where it has one of its own.
    within: str


@dataclass(frozen=True)
class LetterType:
    """An official document of the case type; its files are in `letters/<name>/`."""

    # Name of the folder.
    name: str
    title: str
    title_en: str
    # Number pattern with {sequence}, {year} and {month_roman}.
    number: str
    # Whom it is for.
    recipient: Recipient


@dataclass(frozen=True)
class Retention:
    """How long a closed case is kept, and on what ground."""

    years: int
    basis: str


@dataclass(frozen=True)
class Summary:
    """Start-form fields that stand for the report in lists and searches of public cases."""

    title: str
    text: str


@dataclass(frozen=True)
class Variable:
    """A process variable: a plain fact that decisions need, never what people wrote."""

    name: str
    type: VariableType
    # Elements that write it: the start event or a message event (through a form), a user task (through its form), or
    # the element whose result variable it is.
    writers: tuple[str, ...]


@dataclass(frozen=True)
class GiverFields:
    """Where a form tells who gave."""

    # Path of the list in whose rows it stands; the objects' own list when each row names its giver.
    list: str
    # Field of an object that holds the number of its giver's row; None where both stand in one row.
    link: str | None
    # What is known of a giver (`GIVER_FACTS`) -> field.
    fields: Mapping[str, str]


@dataclass(frozen=True)
class ItemFields:
    """Where the forms of a case type tell of objects and of whoever gave them."""

    # Path of the list with a row for each object.
    list: str
    # Which year the sums of one giver run over: "rolling" or "calendar".
    window: Literal["rolling", "calendar"]
    # What makes the receiver known (`RECEIVER_FACTS`) -> field.
    receiver: Mapping[str, str]
    # What is known of an object (`ITEM_FACTS`) -> field of its row, or of the form around the list.
    fields: Mapping[str, str]
    # Further ticks and choices of a row that decisions read.
    flags: tuple[str, ...]
    givers: GiverFields


@dataclass(frozen=True)
class CustodyFields:
    """How objects of a case type are entrusted to the office."""

    # Pattern of the deposit slip's number with {year} and {sequence}.
    number: str
    # Form of the task in which objects are taken, and its fields for place and condition.
    form: str
    place: str
    condition: str
    # Codes of conditions, and of those who may take objects away, with their words.
    conditions: Mapping[str, Disposition]
    released_to: Mapping[str, Disposition]
    # The deposit slip (tanda titip): a letter of the case type that is issued with the entry; None without one.
    letter: str | None


@dataclass(frozen=True)
class PackageType:
    """What of a case goes to an authority as one archive, once somebody has signed its checklist."""

    id: str
    title: str
    title_en: str
    # The authority, as it is named on paper.
    recipient: str
    # The letter that goes along, by its name in `letters`.
    letter: str
    # Form whose ticks are the checklist; the answers by which it counts as signed; the role that signs it.
    checklist: str
    signed: Mapping[str, str]
    signed_by: str
    # Forms whose answers go along, every round of them, and fields of theirs that stay.
    contents: tuple[str, ...]
    withheld: tuple[str, ...]
    # Forms in which numbers and dates of the authority are recorded afterwards.
    records: tuple[str, ...]
    # Upload fields whose files go along as they were handed in.
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Season:
    """A time of the year in which many report the same: a note for everybody, and a form that is filled in part."""

    id: str
    title: str
    title_en: str
    text: str
    text_en: str
    # How the names of the days off begin around which it lies, for example "Hari Raya Natal".
    holiday: str
    # Days before the first of them and after the last on which it runs.
    days_before: int
    days_after: int
    # Start-form field -> what stands there already; none inside a list, whose rows may come from a spreadsheet.
    prefill: Mapping[str, str]
    # Start-form fields that its quick form does not ask, "list.field" in the rows of a list; none that is required.
    leaves_out: tuple[str, ...]


@dataclass(frozen=True)
class EarlyRule:
    """How a message is kept that comes before the diagram waits for it."""

    kept_for: timedelta
    # Stages of the case in which it may come early, and in which the reporter is asked whether they have it already;
    # without any it may always come, and nobody is asked.
    stages: frozenset[str] = frozenset()
    # What the reporter's page calls it then; empty where nobody is asked.
    title: str = ""
    title_en: str = ""

    def admits(self, stage: str | None) -> bool:
        """Tell whether the message may come early to a case that stands there."""
        return not self.stages or stage in self.stages


@dataclass(frozen=True)
class CaseType:
    """A kind of case, as its manifest says."""

    # Short English name; also the address under which it is reported.
    key: str
    title: str
    title_en: str
    description: str
    description_en: str
    # Who may report: "public" (anybody), "staff" (signed in), "anonymous" (anybody, and nothing asks who).
    reporters: Reporters
    # Pattern of case numbers with {year} and {sequence}, for example "PGD-{year}-{sequence:05d}".
    number: str
    # Id of the form that opens a case.
    start_form: str
    # Start-form field that marks the case confidential, and the one that hides the reporter; None when there is none.
    confidential_field: str | None
    anonymous_field: str | None
    # Start-form fields that are the reporter's identity: kept apart from everything else.
    identity: tuple[str, ...]
    # None when nothing of a report may stand in a list.
    summary: Summary | None
    # Code of the unit that handles every case from its opening, and whose head signs; None where a referral says so.
    handled_by: str | None
    # Role that looks after what went wrong with a case: a message that nobody took, a case that stands still; None
    # leaves it to the administrators.
    looked_after_by: str | None
    # Column of the case -> fields that fill it, in whatever form they are answered; the first answered one counts.
    case_fields: Mapping[str, tuple[str, ...]]
    lanes: Mapping[str, Lane]
    # In the order in which a case normally passes through them.
    public_stages: tuple[PublicStage, ...]
    stages: Mapping[str, Stage]
    dispositions: Mapping[str, Disposition]
    reporter_messages: Mapping[str, ReporterMessage]
    # Messages that are kept when they come before the diagram waits for them; any other one is refused then.
    early_messages: Mapping[str, EarlyRule]
    # Roles that may see a confidential case.
    circle: tuple[str, ...]
    ladder: tuple[Rung, ...]
    retention: Retention
    # Editions of the printed case report that are offered, of `EDITIONS`.
    reports: tuple[str, ...]
    letters: Mapping[str, LetterType]
    variables: Mapping[str, Variable]
    # None where no form tells of objects that were given.
    items: ItemFields | None
    # The guided check that everybody may use before reporting; None when there is none.
    public_check: PublicCheck | None
    # None where nothing is entrusted.
    custody: CustodyFields | None
    packages: Mapping[str, PackageType]
    seasons: Mapping[str, Season]
    # Line of each key in the file by dotted path, for example "lanes.intake"; for findings of the checks.
    lines: Mapping[str, int]

    def line_of(self, path: str) -> int:
        """Give the line of a dotted path, or of the nearest key above it."""
        while path not in self.lines and "." in path:
            path = path.rpartition(".")[0]
        return self.lines.get(path, 1)

    def public_stage_of(self, stage: str) -> PublicStage | None:
        """Give what a reporter sees while the case stands at `stage`; None for an unknown stage."""
        known = self.stages.get(stage)
        return next((public for public in self.public_stages if known and public.id == known.public), None)
