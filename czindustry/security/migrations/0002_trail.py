from django.db import migrations

from czindustry.security.migrations import _functions


class Migration(migrations.Migration):
    """The trail: fed by triggers, chained, only added to."""

    dependencies = [
        ("security", "0001_initial"),
        ("registry", "0017_webhooks"),
        ("targets", "0007_plan_is_a_part"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = _functions.OPERATIONS
