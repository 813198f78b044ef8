"""What can go wrong with a list as a whole; what is wrong with one row is said in that row."""


class RosterError(Exception):
    """The list cannot be read or applied; the message is for the person who brought it."""


class RowRefused(Exception):
    """A row cannot go in; the message says why and what to do."""
