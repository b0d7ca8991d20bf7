"""What a target's machine says of its GPUs. It is information: a machine without any is in order."""

from computes.executors.findings import Finding
from computes.executors.plain_text import plain
from computes.machines.contract import Machine
from computes.machines.nvidia import ABSENT, SAID, ask_nvidia

ANSWER_SECONDS = 8.0
MOST_SHOWN = 16
QUESTION = ("nvidia-smi", "--query-gpu=index,name,memory.total,driver_version", "--format=csv,noheader")


def check_gpus(machine: Machine) -> Finding:
    """Say which GPUs nvidia-smi tells of."""
    answer, said = ask_nvidia(machine, QUESTION, ANSWER_SECONDS)
    lines = [plain(line) for line in said]
    remedy = "If there should be any, try nvidia-smi on that machine: its driver may have to be installed anew."
    if answer == ABSENT:
        return True, "There are none: nvidia-smi was not found.", ""
    if answer != SAID:
        return True, f"nvidia-smi did not answer within {ANSWER_SECONDS:g} s.", remedy
    gpus = [line.split(", ") for line in lines if line.count(", ") == 3 and line.partition(",")[0].isdecimal()]
    if not gpus:
        return True, f"nvidia-smi tells of none: {lines[-1] if lines else 'it printed nothing'}", remedy
    shown = [f"{number}: {name}, {memory}" for number, name, memory, _ in gpus[:MOST_SHOWN]]
    shown += [f"and {len(gpus) - MOST_SHOWN} more"] if len(gpus) > MOST_SHOWN else []
    return True, f"{len(gpus)} with driver {gpus[0][3]}: {'; '.join(shown)}.", ""
