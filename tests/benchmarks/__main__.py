"""All measurements that README and docs quote: `make bench`, or one of them with `make bench ARGS=measuring`."""

import subprocess
import sys

BENCHMARKS = ("imports", "measuring", "api")

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        sys.stdout.write(f"\n{name}\n")
        sys.stdout.flush()
        subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"], check=True)
