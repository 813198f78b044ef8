from django.apps import AppConfig


class SecurityConfig(AppConfig):
    """Who signs in and how, and the trail of what was done."""

    name = "czindustry.security"
    label = "security"
    verbose_name = "安全"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from czindustry.security import receivers

        receivers.connect()
