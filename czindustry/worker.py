"""What each process of `run_site` loads: the site, and an eye on the process that started it.

When that one is killed, its workers would answer for ever, with nobody to stop them and the port taken.
"""

import os
import signal
import threading
import time

from czindustry.wsgi import application

__all__ = ["application"]

SECONDS_BETWEEN_LOOKS = 0.3
SECONDS_TO_FINISH = 5


def leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(SECONDS_BETWEEN_LOOKS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SECONDS_TO_FINISH)
    os._exit(1)


threading.Thread(target=leave_with, args=[os.getppid()], daemon=True).start()
