"""What has changed, in the order in which it was committed; and whole tables with the position from which to go on.

A position is a snapshot of PostgreSQL: which transactions had been committed. What has changed between two positions is
what was written by transactions of which the second knows and the first does not, however long they ran. So nothing
is skipped, and nothing comes twice; and of one row the versions come in their order, as whoever wrote the later one had
to wait for the commit of the earlier.

    resources   the tables that can be followed, and what is told of their rows
    positions   snapshots, as opaque texts
    changes     what lies between two of them, page by page
    exports     a table as it stands at one of them
    webhooks    changes that are sent to others of themselves
"""
