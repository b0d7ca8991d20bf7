"""The report of a verification: as an object for programs, and as a text for people."""

import platform
from typing import Any

from computes.verification.masking import Masks
from computes.verification.settings_shown import shown_settings
from computes.verification.steps import Outcome, Step
from computes.verification.verification import Asked, Verified

FACTS = ("python", "system", "kernel", "spark", "java", "hadoop", "interpreter")
INDENT = "      "


def report_of(verified: Verified, asked: Asked, masks: Masks, amlweb: str, moment: str) -> dict[str, Any]:
    """Return the whole report, masked. `amlweb` is our version, `moment` when the verification began."""
    facts = verified.facts
    masks.learn_hosts([facts.get("host", ""), *(host for _, host in facts.get("executors", ()))])
    executors = sorted({version for version, _ in facts.get("executors", ())})
    report: dict[str, Any] = {
        "target": asked.settings.name,
        "framework": str(asked.framework),
        "began": moment,
        "holds": verified.holds,
        "is_interrupted": verified.is_interrupted,
        "versions": {
            "amlweb": amlweb,
            "server's python": platform.python_version(),
            "server's system": platform.platform(),
            **{name: facts[name] for name in FACTS if facts.get(name)},
            **({"executors' python": executors} if executors else {}),
        },
        "settings": shown_settings(asked.settings),
        "environment": asked.environment_hash,
        "steps": [step_as_object(step) for step in verified.steps],
    }
    masked: dict[str, Any] = masks.mask(report)
    return masked


def step_as_object(step: Step) -> dict[str, Any]:
    """Return a step for JSON; what is empty is left out."""
    facts = {
        "name": step.name,
        "outcome": str(step.outcome),
        "milliseconds": step.milliseconds,
        "expected": step.expected,
        "seen": step.seen,
    }
    more = {"remedy": step.remedy, "log": step.log} if step.outcome is not Outcome.HELD else {}
    return {**facts, **{name: text for name, text in more.items() if text}}


def line_of(step: Step) -> str:
    """Return a step in one line, as it is told at once."""
    return f"{step.outcome:<9} {step.milliseconds:>9,.0f} ms  {step.name}: {step.seen}"


def text_of(report: dict[str, Any]) -> str:
    """Return the report for people."""
    steps = report["steps"]
    held = sum(step["outcome"] == Outcome.HELD for step in steps)
    lines = [
        f"Verification of {report['target']} ({report['framework']}), {report['began']}",
        f"{held} of {len(steps)} steps held."
        + (" It was broken off." if report["is_interrupted"] else "")
        + (" All is well." if report["holds"] else ""),
        "",
        "Versions",
        *(f"  {name}: {shown(value)}" for name, value in report["versions"].items()),
        "",
        "Settings",
        *settings_lines(report["settings"], "  "),
        f"  environment: {report['environment'] or 'none of ours'}",
        "",
        "Steps",
    ]
    for step in steps:
        lines.append(f"  {step['outcome']:<9} {step['milliseconds']:>9,.0f} ms  {step['name']}")
        lines.append(f"{INDENT}expected: {step['expected']}")
        lines.append(f"{INDENT}seen:     {step['seen']}")
        if "remedy" in step:
            lines.append(f"{INDENT}do:       {step['remedy']}")
        lines += [f"{INDENT}| {line}" for line in step.get("log", "").splitlines()]
    return "\n".join(lines) + "\n"


def settings_lines(settings: dict[str, Any], indent: str) -> list[str]:
    """Return settings a line each, groups beneath their name."""
    lines = []
    for name, value in settings.items():
        if isinstance(value, dict):
            lines += [f"{indent}{name}", *settings_lines(value, indent + "  ")]
        else:
            lines.append(f"{indent}{name}: {shown(value)}")
    return lines


def shown(value: Any) -> str:
    """Return a value as people read it."""
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or "none"
    return "-" if value in ("", None) else str(value)
