"""A made-up registry for a first look: openly marked enterprises whose numbers follow the published course.

`sectors`, `course_*`, `pending` and `statistics` are tables; `companies`, `figures` and `titles` (with
`ledger`, `granting`, `ending`) make plain facts of them, the same for the same seed and size, without a
database; `writing` puts them there. Nothing here reads the clock: the story ends with the plan, on
2025-12-31, and a few lists of January 2026.
"""
