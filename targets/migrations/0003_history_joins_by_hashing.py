from django.db import migrations

from registry.migrations import _functions


class Migration(migrations.Migration):
    """Of all tracked tables, those of the registry too: a migration that makes such a function anew says it again."""

    dependencies = [
        ("registry", "0003_lists_of_an_area"),
        ("targets", "0002_several_plans"),
    ]

    operations = [migrations.RunSQL(_functions.JOIN_BY_HASHING, migrations.RunSQL.noop)]
