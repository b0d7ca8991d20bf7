"""What a target's machine says of its GPUs. It is information: a machine without any is in order."""

from computes.executors.findings import Finding
from computes.executors.plain_text import plain
from computes.machines.contract import Machine

ANSWER_SECONDS = 8.0
MARGIN_SECONDS = 10.0
MOST_SHOWN = 16
QUESTION = ("nvidia-smi", "--query-gpu=index,name,memory.total,driver_version", "--format=csv,noheader")
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


def check_gpus(machine: Machine) -> Finding:
    """Say which GPUs nvidia-smi tells of. Where a broken driver holds it for ever, nobody waits for its end."""
    argv = [machine.interpreter(), "-I", "-S", "-c", ASK, str(ANSWER_SECONDS), *QUESTION]
    deadline = ANSWER_SECONDS + MARGIN_SECONDS
    result = machine.run(argv, environment=machine.environment(), deadline_seconds=deadline)
    answer, *lines = result.output.decode(errors="replace").split("\n")
    lines = [plain(line.strip()) for line in lines if line.strip()]
    remedy = "If there should be any, try nvidia-smi on that machine: its driver may have to be installed anew."
    if answer == "absent":
        return True, "There are none: nvidia-smi was not found.", ""
    if answer != "said":
        return True, f"nvidia-smi did not answer within {ANSWER_SECONDS:g} s.", remedy
    gpus = [line.split(", ") for line in lines if line.count(", ") == 3 and line.partition(",")[0].isdecimal()]
    if not gpus:
        return True, f"nvidia-smi tells of none: {lines[-1] if lines else 'it printed nothing'}", remedy
    shown = [f"{number}: {name}, {memory}" for number, name, memory, _ in gpus[:MOST_SHOWN]]
    shown += [f"and {len(gpus) - MOST_SHOWN} more"] if len(gpus) > MOST_SHOWN else []
    return True, f"{len(gpus)} with driver {gpus[0][3]}: {'; '.join(shown)}.", ""
