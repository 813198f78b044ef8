"""What a process used last, for all its threads."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

Key = tuple[Any, ...]


class Recent:
    """The answers that this process used last; the one not used for longest goes first.

    At most so many, or with `weigh` of so much weight together.
    """

    def __init__(self, most: int, weigh: Callable[[Any], int] = lambda _answer: 1) -> None:
        self.most = most
        self._weigh = weigh
        self._weight = 0
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
            for key, answer in answers.items():
                self._drop(key)
                self._answers[key] = answer
                self._weight += self._weigh(answer)
            while self._weight > self.most:
                self._drop(next(iter(self._answers)))

    def _drop(self, key: Key) -> None:
        if key in self._answers:
            self._weight -= self._weigh(self._answers.pop(key))

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()
            self._weight = 0

    def __len__(self) -> int:
        return len(self._answers)
