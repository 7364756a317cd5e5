"""Imports every models module, so that the metadata is complete for migrations and tests. Guarded by a test."""
# ruff: noqa: F401 (they are imported for what they declare)

import workflows.activities.models
import workflows.calendar.models
import workflows.case_reports.models
import workflows.cases.models
import workflows.catalogue.models
import workflows.custody.models
import workflows.evidence.models
import workflows.incidents.models
import workflows.intake.models
import workflows.items.models
import workflows.journal.models
import workflows.letters.models
import workflows.limits.models
import workflows.notices.models
import workflows.packages.models
import workflows.people.models
import workflows.processes.models
import workflows.recapitulations.models
import workflows.storage.models
import workflows.tasks.models
from workflows.orm import Base

metadata = Base.metadata
