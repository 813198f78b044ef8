"""What can go wrong with a list as a whole; what is wrong with one row is said in that row."""


class RosterError(Exception):
    """The list cannot be read or applied; the message is for the person who brought it."""


class PlanChanged(RosterError):
    """The list would do something else than what was previewed."""


class RowRefused(Exception):
    """A row cannot go in; the message says why, the remedy what to do where that is not plain from it."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.remedy = remedy
