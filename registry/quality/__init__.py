"""What in the register is doubtful: each check finds its records, says why, and how to mend them.

`checks` (what a check is, and the list of them) ← `memory` (what is costly is asked once a state of the facts) ←
`codes`, `duplicates`, `titles`, `figures`. Other apps add their own by `register`.
"""

from registry.quality import codes, duplicates, figures, titles
from registry.quality.checks import Check, Found, Scope, Severity, all_checks, by_code, register

for _check in (*codes.CHECKS, *duplicates.CHECKS, *titles.CHECKS, *figures.CHECKS):
    register(_check)

__all__ = ["Check", "Found", "Scope", "Severity", "all_checks", "by_code", "register"]
