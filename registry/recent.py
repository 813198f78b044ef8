"""What a process used last, for all its threads."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

Key = tuple[Any, ...]


class Recent:
    """The answers that this process used last; the one not used for longest goes first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._answers: OrderedDict[Key, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Any]:
        with self._lock:
            found = {key: self._answers[key] for key in keys if key in self._answers}
            for key in found:
                self._answers.move_to_end(key)
        return found

    def set_many(self, answers: dict[Key, Any]) -> None:
        with self._lock:
            self._answers.update(answers)
            while len(self._answers) > self.most:
                self._answers.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()

    def __len__(self) -> int:
        return len(self._answers)
