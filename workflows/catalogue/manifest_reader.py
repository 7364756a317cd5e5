"""Reads `case-type.yml` into a `CaseType`, and tells every unknown, missing or mistyped key with its line."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Literal, cast

from workflows.catalogue.bundle import MANIFEST
from workflows.catalogue.guiding import PublicCheck, Ruling, Words
from workflows.catalogue.lined_reading import LinedReader, did_you_mean
from workflows.catalogue.lined_yaml import LinedList, LinedMap, read_yaml
from workflows.catalogue.manifest import (
    CASE_COLUMNS,
    EDITIONS,
    GIVER_FACTS,
    ITEM_FACTS,
    MOST_PUBLIC_STAGES,
    RECEIVER_FACTS,
    CaseType,
    CustodyFields,
    Disposition,
    EarlyRule,
    GiverFields,
    ItemFields,
    Lane,
    LaneUnit,
    LetterType,
    PackageType,
    PublicStage,
    Recipient,
    ReporterMessage,
    Reporters,
    Retention,
    Rung,
    Season,
    Stage,
    Summary,
    Variable,
    VariableType,
)
from workflows.errors import BrokenDefinition
from workflows.feel.values import read_duration
from workflows.language import say

# A message that was not awaited for longer than this was sent by mistake.
LONGEST_KEPT = timedelta(days=90)


def read_manifest(content: bytes, file: str = MANIFEST) -> CaseType:
    """Read a manifest; raise BrokenDefinition with every finding and its line."""
    reader = _Reader(file)
    case_type = reader.case_type(read_yaml(content, file))
    if reader.findings:
        raise BrokenDefinition(sorted(reader.findings, key=lambda finding: finding.line))
    return case_type


class _Reader(LinedReader):
    """Knows the keys of a manifest."""

    def case_type(self, top: LinedMap) -> CaseType:
        self._remember(top, "")
        self._only(top, "", _TOP_KEYS, required=_TOP_KEYS - _OPTIONAL_KEYS)
        public_stages = tuple(self._public_stages(top))
        return CaseType(
            key=self._name(top, "key"),
            title=self._text(top, "title"),
            title_en=self._text(top, "title_en"),
            description=self._text(top, "description"),
            description_en=self._text(top, "description_en"),
            reporters=cast(Reporters, self._choice(top, "reporters", ("public", "staff", "anonymous"))),
            number=self._pattern(top, "number", {"year", "sequence"}, needed={"sequence"}),
            start_form=self._name(top, "start_form"),
            confidential_field=self._optional_name(top, "confidential_field"),
            anonymous_field=self._optional_name(top, "anonymous_field"),
            identity=self._names(top, "identity"),
            summary=self._summary(top),
            handled_by=self._text(top, "handled_by") or None,
            looked_after_by=self._optional_name(top, "looked_after_by"),
            case_fields=self._case_fields(top),
            lanes=self._table(top, "lanes", {"role", "unit"}, self._lane, optional={"unit"}),
            public_stages=public_stages,
            stages=self._table(
                top,
                "stages",
                {"title", "title_en", "public", "unsent", "told"},
                lambda name, row: self._stage(name, row, public_stages),
                optional={"unsent", "told"},
            ),
            dispositions=self._table(top, "dispositions", {"title", "title_en"}, self._disposition),
            reporter_messages=self._table(top, "reporter_messages", {"title", "title_en", "form"}, self._message),
            early_messages=self._early_messages(top),
            circle=self._names(top, "circle"),
            ladder=tuple(self._rungs(top)),
            retention=self._retention(top),
            reports=self._reports(top),
            letters=self._table(top, "letters", {"title", "title_en", "number", "recipient"}, self._letter),
            variables=self._table(top, "variables", {"type", "writers"}, self._variable),
            items=self._items(top),
            public_check=self._public_check(top),
            custody=self._custody(top),
            packages=self._table(top, "packages", _PACKAGE_KEYS, self._package, optional=_OPTIONAL_PACKAGE_KEYS),
            seasons=self._table(top, "seasons", _SEASON_KEYS, self._season, optional={"prefill", "leaves_out"}),
            lines=MappingProxyType(self.lines),
        )

    # The parts of a manifest.

    def _lane(self, name: str, row: LinedMap) -> Lane:
        unit = self._choice(row, "unit", ("any", "handling")) if "unit" in row else "any"
        return Lane(name, self._name(row, "role"), cast(LaneUnit, unit))

    def _stage(self, name: str, row: LinedMap, public_stages: tuple[PublicStage, ...]) -> Stage:
        public = self._choice(row, "public", tuple(stage.id for stage in public_stages))
        unsent = self._choice_of_truth(row, "unsent")
        told = self._choice_of_truth(row, "told")
        return Stage(name, self._text(row, "title"), self._text(row, "title_en"), public, unsent, told)

    def _disposition(self, name: str, row: LinedMap) -> Disposition:
        return Disposition(name, self._text(row, "title"), self._text(row, "title_en"))

    def _message(self, name: str, row: LinedMap) -> ReporterMessage:
        return ReporterMessage(name, self._text(row, "title"), self._text(row, "title_en"), self._name(row, "form"))

    def _early_messages(self, top: LinedMap) -> Mapping[str, EarlyRule]:
        table = top.get("early_messages", {})
        if not isinstance(table, LinedMap):
            if "early_messages" in top:
                self._not_a_mapping(top.line_of("early_messages"), "early_messages")
            return MappingProxyType({})
        rules: dict[str, EarlyRule] = {}
        for name, row in table.items():
            if not isinstance(row, LinedMap):
                rules[name] = EarlyRule(self._kept_for(name, row, table.line_of(name)))
                continue
            keys = {"for", "stages", "title", "title_en"}
            self._only(row, f"early_messages.{name}", keys, required=keys, line=table.line_of(name))
            rules[name] = EarlyRule(
                self._kept_for(name, row.get("for"), row.line_of("for")),
                frozenset(self._names(row, "stages")),
                self._text(row, "title"),
                self._text(row, "title_en"),
            )
        return MappingProxyType(rules)

    def _kept_for(self, name: str, length: object, line: int) -> timedelta:
        span = read_duration(length) if isinstance(length, str) else None
        if isinstance(span, timedelta) and timedelta(0) < span <= LONGEST_KEPT:
            return span
        self._find(
            line,
            "manifest.bad_duration",
            f"'{name}' disimpan berapa lama, paling lama {LONGEST_KEPT.days} hari? Tertulis {length!r}.",
            f"For how long is '{name}' kept, {LONGEST_KEPT.days} days at most? It says {length!r}.",
            fix=say("Tulis misalnya P3D.", "Write P3D, for example."),
        )
        return LONGEST_KEPT

    def _letter(self, name: str, row: LinedMap) -> LetterType:
        recipient = self._choice(row, "recipient", ("reporter", "unit", "office", "outside"))
        number = self._pattern(row, "number", {"sequence", "year", "month_roman"}, needed={"sequence", "year"})
        return LetterType(
            name, self._text(row, "title"), self._text(row, "title_en"), number, cast(Recipient, recipient)
        )

    def _variable(self, name: str, row: LinedMap) -> Variable:
        kinds = ("string", "number", "boolean", "date", "datetime", "duration", "list", "context")
        return Variable(name, cast(VariableType, self._choice(row, "type", kinds)), self._names(row, "writers"))

    def _public_stages(self, top: LinedMap) -> Iterator[PublicStage]:
        rows = self._rows(top, "public_stages", {"id", "title", "title_en"})
        if len(rows) > MOST_PUBLIC_STAGES:
            self._find(
                top.line_of("public_stages"),
                "manifest.too_many_public_stages",
                f"Tahap publik paling banyak {MOST_PUBLIC_STAGES}; di sini ada {len(rows)}.",
                f"There may be {MOST_PUBLIC_STAGES} public stages at most; here are {len(rows)}.",
            )
        for row in rows:
            yield PublicStage(self._name(row, "id"), self._text(row, "title"), self._text(row, "title_en"))

    def _rungs(self, top: LinedMap) -> Iterator[Rung]:
        for row in self._rows(top, "ladder", {"deadline", "role", "title", "title_en"}, optional={"within"}):
            deadline = self._text(row, "deadline")
            yield Rung(
                deadline,
                self._name(row, "role"),
                self._text(row, "title"),
                self._text(row, "title_en"),
                within=self._text(row, "within") or deadline,
            )

    def _reports(self, top: LinedMap) -> tuple[str, ...]:
        if "reports" not in top:
            return EDITIONS
        named = self._names(top, "reports")
        for name in named:
            if name not in EDITIONS:
                listed = ", ".join(EDITIONS)
                self._find(
                    top.line_of("reports"),
                    "manifest.not_a_choice",
                    f"'reports' hanya memuat: {listed}; '{name}' tidak dikenal.",
                    f"'reports' lists only: {listed}; '{name}' is unknown.",
                    fix=did_you_mean(name, EDITIONS),
                )
        return named

    def _retention(self, top: LinedMap) -> Retention:
        row = self._mapping(top, "retention", {"years", "basis"})
        if row is None:
            return Retention(0, "")
        years = row.get("years")
        if not isinstance(years, int) or isinstance(years, bool) or years < 1:
            self._find(
                row.line_of("years"),
                "manifest.not_a_number",
                "'years' harus bilangan bulat, paling sedikit 1.",
                "'years' must be a whole number, at least 1.",
            )
            years = 1
        return Retention(years, self._text(row, "basis"))

    def _summary(self, top: LinedMap) -> Summary | None:
        row = self._mapping(top, "summary", {"title", "text"})
        return Summary(self._name(row, "title"), self._name(row, "text")) if row is not None else None

    def _custody(self, top: LinedMap) -> CustodyFields | None:
        keys = {"number", "form", "place", "condition", "conditions", "released_to", "letter"}
        row = self._mapping(top, "custody", keys, optional={"letter"})
        if row is None:
            return None
        return CustodyFields(
            number=self._pattern(row, "number", {"year", "sequence"}, needed={"sequence"}),
            form=self._name(row, "form"),
            place=self._name(row, "place"),
            condition=self._name(row, "condition"),
            conditions=self._table(row, "conditions", {"title", "title_en"}, self._disposition),
            released_to=self._table(row, "released_to", {"title", "title_en"}, self._disposition),
            letter=self._optional_name(row, "letter"),
        )

    def _package(self, name: str, row: LinedMap) -> PackageType:
        signed = row.get("signed", {})
        if not isinstance(signed, LinedMap) and "signed" in row:
            self._not_a_mapping(row.line_of("signed"), "signed")
            signed = {}
        return PackageType(
            id=name,
            title=self._text(row, "title"),
            title_en=self._text(row, "title_en"),
            recipient=self._text(row, "recipient"),
            letter=self._name(row, "letter"),
            checklist=self._name(row, "checklist"),
            signed=MappingProxyType({field: self._text(signed, field) for field in signed}),
            signed_by=self._name(row, "signed_by"),
            contents=self._names(row, "contents"),
            withheld=self._names(row, "withheld"),
            records=self._names(row, "records"),
            evidence=self._names(row, "evidence"),
        )

    def _season(self, name: str, row: LinedMap) -> Season:
        prefill = row.get("prefill", {})
        if not isinstance(prefill, LinedMap) and "prefill" in row:
            self._not_a_mapping(row.line_of("prefill"), "prefill")
            prefill = {}
        return Season(
            id=name,
            title=self._text(row, "title"),
            title_en=self._text(row, "title_en"),
            text=self._text(row, "text"),
            text_en=self._text(row, "text_en"),
            holiday=self._text(row, "holiday"),
            days_before=self._days(row, "days_before"),
            days_after=self._days(row, "days_after"),
            prefill=MappingProxyType({field: self._text(prefill, field) for field in prefill}),
            leaves_out=self._fields_left_out(row),
        )

    def _fields_left_out(self, row: LinedMap) -> tuple[str, ...]:
        named = row.get("leaves_out", LinedList())
        if isinstance(named, LinedList) and all(isinstance(each, str) for each in named):
            return tuple(named)
        self._find(
            row.line_of("leaves_out"),
            "manifest.not_a_list",
            "'leaves_out' harus berupa daftar isian, misalnya [rank, givers.giver_address].",
            "'leaves_out' must be a list of fields, for example [rank, givers.giver_address].",
        )
        return ()

    def _days(self, row: LinedMap, key: str) -> int:
        days = row.get(key)
        if isinstance(days, int) and not isinstance(days, bool) and 0 <= days <= _LONGEST_SEASON:
            return days
        self._find(
            row.line_of(key),
            "manifest.not_a_number",
            f"'{key}' harus bilangan bulat dari 0 sampai {_LONGEST_SEASON}.",
            f"'{key}' must be a whole number from 0 to {_LONGEST_SEASON}.",
        )
        return 0

    def _case_fields(self, top: LinedMap) -> Mapping[str, tuple[str, ...]]:
        row = self._mapping(top, "case_fields", set(CASE_COLUMNS), optional=set(CASE_COLUMNS))
        if row is None:
            return MappingProxyType({})
        return MappingProxyType(
            {name: self._names(row, name) if isinstance(row[name], list) else (self._name(row, name),) for name in row}
        )

    def _items(self, top: LinedMap) -> ItemFields | None:
        keys = {"list", "window", "receiver", "fields", "flags", "givers"}
        row = self._mapping(top, "items", keys, optional={"flags", "receiver", "window"})
        if row is None:
            return None
        window = self._choice(row, "window", ("rolling", "calendar")) if "window" in row else "rolling"
        needed = {"amount", "received_on"}
        return ItemFields(
            list=self._name(row, "list"),
            window=cast(Literal["rolling", "calendar"], window),
            receiver=self._facts(row, "receiver", set(RECEIVER_FACTS), needed=set()),
            fields=self._facts(row, "fields", set(ITEM_FACTS), needed=needed),
            flags=self._names(row, "flags"),
            givers=self._givers(row),
        )

    def _givers(self, items: LinedMap) -> GiverFields:
        row = self._mapping(items, "givers", {"list", "link", *GIVER_FACTS}, optional={"link", *GIVER_FACTS} - {"name"})
        if row is None:
            return GiverFields("", None, MappingProxyType({}))
        return GiverFields(
            list=self._name(row, "list"),
            link=self._optional_name(row, "link"),
            fields=MappingProxyType({fact: self._name(row, fact) for fact in GIVER_FACTS if fact in row}),
        )

    def _facts(self, row: LinedMap, key: str, facts: set[str], *, needed: set[str]) -> Mapping[str, str]:
        inner = self._mapping(row, key, facts, optional=facts - needed)
        return MappingProxyType({fact: self._name(inner, fact) for fact in inner} if inner is not None else {})

    def _public_check(self, top: LinedMap) -> PublicCheck | None:
        row = self._mapping(top, "public_check", _CHECK_KEYS, optional=_OPTIONAL_CHECK_KEYS)
        if row is None:
            return None
        return PublicCheck(
            title=self._text(row, "title"),
            title_en=self._text(row, "title_en"),
            description=self._text(row, "description"),
            description_en=self._text(row, "description_en"),
            form=self._name(row, "form"),
            decision=self._text(row, "decision"),
            result=self._text(row, "result"),
            rulings=self._table(row, "rulings", {"title", "title_en", "text", "text_en", "duty"}, self._ruling),
            explanation_en=self._text(row, "explanation_en") or None,
            shows=self._table(row, "shows", {"title", "title_en"}, self._words),
            deadlines=tuple(str(each) for each in self._list(row, "deadlines")),
            prefill=self._prefill(row),
        )

    def _ruling(self, _: str, row: LinedMap) -> Ruling:
        return Ruling(
            self._text(row, "title"),
            self._text(row, "title_en"),
            self._text(row, "text"),
            self._text(row, "text_en"),
            self._choice_of_truth(row, "duty"),
        )

    def _words(self, _: str, row: LinedMap) -> Words:
        return Words(self._text(row, "title"), self._text(row, "title_en"))

    def _prefill(self, row: LinedMap) -> Mapping[str, str]:
        inner = row.get("prefill", LinedMap())
        if not isinstance(inner, LinedMap):
            self._not_a_mapping(row.line_of("prefill"), "prefill")
            return MappingProxyType({})
        return MappingProxyType({target: self._name(inner, target) for target in inner})


_OPTIONAL_CHECK_KEYS = {"deadlines", "explanation_en", "prefill", "shows"}
_CHECK_KEYS = {
    "decision",
    "description",
    "description_en",
    "form",
    "result",
    "rulings",
    "title",
    "title_en",
    *_OPTIONAL_CHECK_KEYS,
}
_SEASON_KEYS = {"title", "title_en", "text", "text_en", "holiday", "days_before", "days_after", "leaves_out", "prefill"}
_OPTIONAL_PACKAGE_KEYS = {"evidence", "records", "withheld"}
_PACKAGE_KEYS = {
    "checklist",
    "contents",
    "letter",
    "recipient",
    "signed",
    "signed_by",
    "title",
    "title_en",
    *_OPTIONAL_PACKAGE_KEYS,
}
# Days around a feast; a longer season is none.
_LONGEST_SEASON = 100
_OPTIONAL_KEYS = {
    "early_messages",
    "anonymous_field",
    "case_fields",
    "circle",
    "confidential_field",
    "custody",
    "handled_by",
    "identity",
    "items",
    "ladder",
    "letters",
    "looked_after_by",
    "packages",
    "public_check",
    "reports",
    "reporter_messages",
    "seasons",
    "summary",
}
_TOP_KEYS = {
    "description",
    "description_en",
    "dispositions",
    "key",
    "lanes",
    "number",
    "public_stages",
    "reporters",
    "retention",
    "stages",
    "start_form",
    "title",
    "title_en",
    "variables",
    *_OPTIONAL_KEYS,
}
