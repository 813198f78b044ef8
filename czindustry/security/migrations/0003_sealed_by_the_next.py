from django.db import migrations

from czindustry.security.migrations import _functions


class Migration(migrations.Migration):
    """What a transaction of one snapshot notes is sealed by the next one."""

    dependencies = [("security", "0002_trail")]

    operations = [migrations.RunSQL(_functions.SEALED_BY_THE_NEXT, _functions.SEALED_AT_ONCE)]
