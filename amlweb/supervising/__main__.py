"""The parent of the server's processes, called by `manage.py up` in its own place with a plan in JSON.

It imports nothing but the standard library, so that the longest-lived process is also the smallest.
"""

import json
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)

from amlweb.supervising.child import ChildCommand  # noqa: E402 (the path comes first)
from amlweb.supervising.family import Family, announce  # noqa: E402
from amlweb.supervising.watchdog import Watchdog  # noqa: E402
from amlweb.supervising.web_answers import WebAddress, parts_that_work  # noqa: E402


def main(text: str) -> None:
    """Run the plan until SIGINT, SIGTERM or SIGHUP."""
    plan = json.loads(text)
    web = WebAddress(**plan["web"])
    commands = [ChildCommand(name, tuple(argv), part) for name, argv, part in plan["commands"]]
    watchdog = Watchdog(lambda: parts_that_work(web.ask("/readyz")))
    family = Family(commands, watchdog, plan["longest_silence_seconds"])
    family.run_until_asked_to_end(
        is_ready=lambda: web.ask("/healthz") is not None,
        when_ready=lambda: announce(f"ready at {plan['url']}/ (Ctrl-C ends the server; runs go on)"),
    )


if __name__ == "__main__":
    main(sys.argv[1])
