"""Imports every models module, so that the metadata is complete for migrations and tests. Guarded by a test."""

from workflows.orm import Base

metadata = Base.metadata
