"""What nvidia-smi says on a machine. Where a broken driver holds it for ever, nobody waits for its end."""

from collections.abc import Sequence

from computes.machines.contract import Machine

MARGIN_SECONDS = 10.0
ABSENT, LATE, SAID = "absent", "late", "said"
ASK = """
import os, subprocess, sys
try:
    asked = subprocess.Popen(
        sys.argv[2:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
except OSError:
    print("absent")
    sys.exit()
try:
    said = asked.communicate(timeout=float(sys.argv[1]))[0]
except subprocess.TimeoutExpired:
    asked.kill()
    print("late", flush=True)
    os._exit(0)
print("said", flush=True)
sys.stdout.buffer.write(said[:100000])
"""


def ask_nvidia(machine: Machine, question: Sequence[str], seconds: float) -> tuple[str, list[str]]:
    """Return ABSENT, LATE or SAID, and the lines that a program of the driver printed. Raises TargetError."""
    argv = [machine.interpreter(), "-I", "-S", "-c", ASK, str(seconds), *question]
    result = machine.run(argv, environment=machine.environment(), deadline_seconds=seconds + MARGIN_SECONDS)
    answer, *lines = result.output.decode(errors="replace").split("\n")
    return answer, [line.strip() for line in lines if line.strip()]
