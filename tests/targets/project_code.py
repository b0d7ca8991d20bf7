"""The project that runs on every kind of target, and what its scripts print."""

CODE = {
    "where.py": """
import importlib.util, os, sys, time
for number in range(int(sys.argv[1])):
    print("line", number, flush=True)
    time.sleep(float(sys.argv[2]))
from amlweb_run import log
log("lines", number + 1)
open("outputs/where.txt", "w").write(sys.prefix)
print("towel", importlib.util.find_spec("towel") is not None, *sys.argv[3:])
""",
    "talk.py": """
import sys, time
lines, pause = int(sys.argv[1]), float(sys.argv[2])
print("started")
for number in range(lines):
    print("line %d " % number + "x" * (number % 97), file=(sys.stdout, sys.stderr)[number % 2])
    if pause and number % 100 == 0:
        time.sleep(pause)
open("outputs/said.txt", "w").write(str(lines))
""",
    "echo.py": """
import json, os, sys
names = sorted(name for name in os.environ if name.startswith("V-"))
ours = ["A-B", "LD_PRELOAD", "PYTHONSTARTUP", "PATH"]
print(json.dumps([sys.argv[1:], [os.environ[name] for name in names], [os.environ[name] for name in ours]]))
""",
    "fail.py": "import sys\nprint('about to fail')\nsys.exit(3)\n",
    "silent.py": "open('outputs/only.txt', 'w').write('no word')\n",
    "wait.py": "import time\nprint('ready', flush=True)\ntime.sleep(600)\n",
    "hungry.py": """
print('hungry', flush=True)
kept = []
while True:
    kept.append(bytearray(b'x' * 4_000_000))
""",
    "aml_config/with_pip.runconfig": (
        "Script: where.py\nTarget: local\nFramework: Python\nCondaDependenciesFile: aml_config/with_pip.yml\n"
    ),
    "aml_config/with_pip.yml": (
        "name: x\nchannels: [conda]\ndependencies:\n  - python\n  - towel=1\n  - pip:\n    - guide\n"
    ),
    "aml_config/conda_dependencies.yml": "name: x\nchannels: [conda]\ndependencies:\n  - python\n  - towel=1\n",
}


def talk(lines: int) -> bytes:
    """Return what talk.py prints on both streams. A second start would show as a second first line."""
    return b"started\n" + b"".join(b"line %d %s\n" % (number, b"x" * (number % 97)) for number in range(lines))
