"""What somebody must know before a running case moves to another place or to another edition, in words.

An error forbids it, a risk asks for consent, a note only tells. Kept as codes with facts, so that each reader reads it
in their own language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from workflows.language import say

Weight = Literal["error", "risk", "note"]

# Code -> weight, and the sentence in both languages; `%(name)s` is the element as people read it.
_SENTENCES: Mapping[str, tuple[Weight, str, str]] = {
    "element.removed": (
        "error",
        "“%(name)s” tidak ada lagi. Tunjukkan elemen penggantinya.",
        "“%(name)s” is gone. Name the element that takes its place.",
    ),
    "element.moved": (
        "error",
        "“%(name)s” kini berada di dalam subproses lain.",
        "“%(name)s” lies inside another sub-process now.",
    ),
    "element.retyped": (
        "error",
        "“%(name)s” berganti jenis: dari %(old)s menjadi %(new)s.",
        "“%(name)s” has become something else: %(new)s instead of %(old)s.",
    ),
    "element.behind": (
        "risk",
        "“%(name)s” masih di depan kasus ini, tetapi pada versi baru sudah terlewati: tidak akan pernah dikerjakan.",
        "“%(name)s” was still to come; in the new version it lies behind and would never be done.",
    ),
    "element.passed_by": (
        "note",
        "“%(name)s” baru, dan terletak sebelum tempat kasus ini sekarang: tidak akan dilalui.",
        "“%(name)s” is new and lies before the place where the case stands: it will not be done.",
    ),
    "repetition.changed": (
        "error",
        "“%(name)s” diulang dengan cara lain daripada ketika dimulai.",
        "“%(name)s” is repeated in another way than when it began.",
    ),
    "call.changed": (
        "error",
        "“%(name)s” kini memanggil proses lain (%(new)s), sedangkan %(old)s sedang berjalan di dalamnya.",
        "“%(name)s” calls another process now (%(new)s) while %(old)s runs inside it.",
    ),
    "parallel.entered": (
        "error",
        "“%(name)s” kini berada di dalam jalur paralel dari “%(gateway)s”; penggabungannya akan menunggu selamanya.",
        "“%(name)s” lies inside parallel ways opened by “%(gateway)s” now; their join would wait for ever.",
    ),
    "parallel.left": (
        "error",
        "“%(name)s” tidak lagi berada di dalam jalur paralel yang dibuka “%(gateway)s”; jalur lainnya tetap berjalan.",
        "“%(name)s” lies outside the parallel ways opened by “%(gateway)s” now; the other ways would still run.",
    ),
    "parallel.changed": (
        "error",
        "Jalur paralel yang dibuka “%(gateway)s” berubah sementara kasus berada di dalamnya.",
        "The parallel ways opened by “%(gateway)s” have changed while the case is inside them.",
    ),
    "join.changed": (
        "error",
        "“%(name)s” menunggu jalur yang tidak ada lagi.",
        "“%(name)s” waits for a way that is gone.",
    ),
    "boundary.added": (
        "risk",
        "Pengatur waktu “%(event)s” baru ditambahkan pada “%(name)s”; waktunya dihitung mulai saat dipindahkan.",
        "The timer “%(event)s” is new at “%(name)s”; it would be counted from the moment of the move.",
    ),
    "boundary.armed": (
        "note",
        "“%(event)s” baru pada “%(name)s” dan mulai berlaku saat dipindahkan.",
        "“%(event)s” is new at “%(name)s” and holds from the moment of the move.",
    ),
    "boundary.removed": (
        "note",
        "“%(event)s” tidak ada lagi pada “%(name)s” dan berhenti berlaku.",
        "“%(event)s” is gone from “%(name)s” and holds no longer.",
    ),
    "choice.changed": (
        "error",
        "Pilihan peristiwa pada “%(name)s” berubah sementara kasus menunggunya.",
        "The events to choose from at “%(name)s” have changed while the case waits for them.",
    ),
    "timer.kept": (
        "note",
        "Waktu “%(name)s” ditulis lain; yang sedang berjalan tetap pada saat yang sudah dihitung.",
        "The time of “%(name)s” is written otherwise; the one that runs keeps the instant that was counted.",
    ),
    "event.renamed": (
        "note",
        "“%(name)s” kini menunggu “%(new)s”, bukan lagi “%(old)s”.",
        "“%(name)s” waits for “%(new)s” now, no longer for “%(old)s”.",
    ),
    "due.kept": (
        "note",
        "Tenggat “%(name)s” ditulis lain; tugas yang sedang menunggu tetap pada tenggatnya.",
        "The due date of “%(name)s” is written otherwise; the waiting task keeps its own.",
    ),
    "form.replaced": (
        "note",
        "Tugas “%(name)s” kini memakai formulir lain (%(new)s).",
        "The task “%(name)s” uses another form now (%(new)s).",
    ),
    "element.renamed": (
        "note",
        "“%(name)s” diteruskan sebagai “%(new)s”.",
        "“%(name)s” goes on as “%(new)s”.",
    ),
    "token.anew": (
        "note",
        "“%(name)s” dihentikan; kasus mulai lagi pada “%(new)s”.",
        "“%(name)s” is ended; the case begins anew at “%(new)s”.",
    ),
    "target.unknown": (
        "error",
        "“%(new)s” tidak ada di tingkat yang sama; kasus tidak dapat diletakkan di situ.",
        "“%(new)s” does not exist on the same level; a case cannot be put there.",
    ),
    "target.unfit": (
        "error",
        "Kasus tidak dapat dimulai pada “%(new)s”: peristiwa awal dan peristiwa di tepi kegiatan bukan tempat singgah.",
        "A case cannot be put on “%(new)s”: starts and events on the border of an activity are no place to stand.",
    ),
    "source.unknown": (
        "error",
        "Kasus ini tidak sedang berada di “%(name)s”.",
        "The case does not stand at “%(name)s”.",
    ),
    "variable.missing": (
        "risk",
        "“%(name)s” membaca “%(variable)s”, yang tidak ada pada kasus ini dan tidak akan diisi sebelum itu.",
        "“%(name)s” reads “%(variable)s”, which the case lacks and nothing fills on the way there.",
    ),
    "variable.retyped": (
        "risk",
        "“%(name)s” kini berjenis %(new)s, bukan lagi %(old)s; nilai pada kasus ini tetap seperti semula.",
        "“%(name)s” is of the type %(new)s now, no longer %(old)s; the value of this case stays what it is.",
    ),
    "move.failed": (
        "error",
        "Kasus ini tidak dapat berjalan pada versi baru (%(code)s).",
        "This case cannot run on the new version (%(code)s).",
    ),
    "step.follows": (
        "note",
        "“%(name)s” langsung berjalan sendiri karena perpindahan ini; perpindahan tidak dapat dibatalkan.",
        "“%(name)s” runs by itself at once because of the move; the move cannot be taken back.",
    ),
}


@dataclass(frozen=True)
class Concern:
    """One thing to know about a move, at one element."""

    code: str
    # Id of the element that is meant; in the old diagram where the case stands on one.
    element: str
    # The element as people read it.
    name: str = ""
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def weight(self) -> Weight:
        """Whether it forbids, asks for consent, or only tells."""
        return _SENTENCES[self.code][0]

    @property
    def sentence(self) -> str:
        """What it says, in the language of the reader."""
        _, indonesian, english = _SENTENCES[self.code]
        return say(indonesian, english) % {"name": self.name or self.element, **self.facts}

    def as_json(self) -> dict[str, Any]:
        """Give it as a document; `read` makes it again."""
        return {"code": self.code, "element": self.element, "name": self.name, "facts": dict(self.facts)}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Concern":
        """Make it from its document."""
        return cls(document["code"], document["element"], document["name"], document["facts"])


# The risks that somebody may take.
RISKS = frozenset(code for code, (weight, *_) in _SENTENCES.items() if weight == "risk")
