"""Print lines of 100 bytes at a steady rate; each begins with the time of its printing."""

import sys
import time

rate, seconds = int(sys.argv[1]), float(sys.argv[2])
began = time.time()
printed = 0
while (now := time.time()) < began + seconds:
    due = int((now - began) * rate)
    if due > printed:
        stamp = f"{now:.6f} "
        sys.stdout.write((stamp + "y" * (99 - len(stamp)) + "\n") * (due - printed))
        sys.stdout.flush()
        printed = due
    time.sleep(0.002)
