from tests.registry.api.conftest import brain, liyang, wujin

__all__ = ["brain", "liyang", "wujin"]
