"""The only place that aggregates: rules over facts become numbers, and every number opens to its records."""

from targets.measure.published import Published
from targets.measure.readings import Number, Reading, measure, measure_on
from targets.measure.records import Record, contributors, exclusions

__all__ = ["Number", "Published", "Reading", "Record", "contributors", "exclusions", "measure", "measure_on"]
