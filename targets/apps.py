from django.apps import AppConfig


class TargetsConfig(AppConfig):
    name = "targets"
    verbose_name = "规划目标"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from registry import demo, quality
        from targets.demo import lists, quotas
        from targets.quality import CHECK

        quality.register(CHECK)
        demo.REMOVERS += [quotas.remove, lists.remove]
