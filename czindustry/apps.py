from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class CzindustryConfig(AppConfig):
    """The site as an app, so that its commands, templates, static files and translations are found."""

    name = "czindustry"

    def ready(self) -> None:
        # models are there only now; after each migration, and in the database of tests, as Django's own permissions
        from czindustry.rights import make_groups

        # the last app with models: an app without any is not told
        post_migrate.connect(make_groups, sender=apps.get_app_config("security"))
