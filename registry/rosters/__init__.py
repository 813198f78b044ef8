"""From an office's file to records, one file a step.

workbook (bytes to cells) → columns (what is what) → parse and values (each row by itself) → matching and
candidates (which enterprise) → decide_* (what the row does) → plan (the preview) → apply (into the tables) →
undo. `service` is the way in.
"""
