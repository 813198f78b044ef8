"""All measurements that README and docs quote: `make bench`, or one of them with `make bench ARGS=measuring`.

What begins with a dash is passed on: `make bench ARGS="measuring --times=10"`.
"""

import subprocess
import sys

BENCHMARKS = ("imports", "uploads", "measuring", "api", "serving", "search", "quality", "pages", "backups")

if __name__ == "__main__":
    options = [word for word in sys.argv[1:] if word.startswith("-")]
    for name in [word for word in sys.argv[1:] if not word.startswith("-")] or BENCHMARKS:
        sys.stdout.write(f"\n{name}\n")
        sys.stdout.flush()
        subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}", *options], check=True)
