"""Print the time now and then: `ticking.py SECONDS_BETWEEN HOW_OFTEN`."""

import sys
import time

for _ in range(int(sys.argv[2])):
    print(f"{time.time():.6f}", flush=True)
    time.sleep(float(sys.argv[1]))
