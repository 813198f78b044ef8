"""Minutes of their own: `make faults` asks for them."""

import os

collect_ignore_glob = [] if os.environ.get("FAULTS") else ["test_*.py"]
