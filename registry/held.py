"""What a person holds through groups and alone, as one value in SQL: it is read along with whoever asks.

`czindustry.rights` says what of it counts.
"""

from registry import prepared

BETWEEN = "\x1f"
# Of each group its name and the numbers of its rights; what is held alone has no name. `{user}`: the id of the person.
HELD = f"""
    ARRAY(
        SELECT own.name || '{BETWEEN}' || string_agg(holds.permission_id::text, ',' ORDER BY holds.permission_id)
          FROM registry_user_groups member
          JOIN auth_group own ON own.id = member.group_id
          JOIN auth_group_permissions holds ON holds.group_id = own.id
         WHERE member.user_id = {{user}} GROUP BY own.name
         UNION ALL
        SELECT '{BETWEEN}' || string_agg(permission_id::text, ',' ORDER BY permission_id)
          FROM registry_user_user_permissions WHERE user_id = {{user}} HAVING count(*) > 0
    )
"""
ALONE = f"SELECT {HELD.format(user='%(user)s')}"


def by(user: int) -> list[str]:
    ((held,),) = prepared.rows(ALONE, {"user": user})
    return list(held)


def apart(one: str) -> tuple[str, list[int]]:
    """The name of the group, or nothing, and the numbers of the rights."""
    # from the right: of a name everything may be part
    name, _between, numbers = one.rpartition(BETWEEN)
    return name, [int(number) for number in numbers.split(",")]
