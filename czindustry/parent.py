"""An eye on the process that started this one.

When that one is killed, its children would go on for ever, with nobody to stop them.
"""

import os
import signal
import threading
import time

SECONDS_BETWEEN_LOOKS = 0.3
SECONDS_TO_FINISH = 5


def leave_with_parent() -> None:
    """End this process soon after its parent has ended."""
    threading.Thread(target=_leave_with, args=[os.getppid()], daemon=True).start()


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(SECONDS_BETWEEN_LOOKS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SECONDS_TO_FINISH)
    os._exit(1)
