from django.apps import AppConfig


class CzindustryConfig(AppConfig):
    """The site as an app, so that its commands, templates, static files and translations are found."""

    name = "czindustry"
