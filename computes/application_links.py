"""Links to the pages of a cluster about one application: built from what an administrator said of the target, and those
that Livy names."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from computes.contract import ApplicationFacts
from computes.models import ComputeTarget
from computes.page_addresses import page_address

ID = re.compile(r"[A-Za-z0-9_.-]{1,200}")
SCHEMES = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class ApplicationLink:
    """A page of the cluster."""

    title: str
    url: str


def links_of(target: ComputeTarget, facts: ApplicationFacts, *, is_over: bool) -> list[ApplicationLink]:
    """Return the pages that can be linked now: Spark's own page is there while the application runs, the history
    server's when it has ended. An id that could be anything else than an id makes no link."""
    is_running = not is_over and not facts.is_waiting
    wanted = [
        ("YARN page", target.application_url, facts.id, True),
        ("Spark page", target.spark_ui_url, facts.id, is_running),
        ("History server", target.history_url, facts.id, is_over),
        ("Livy batch", target.batch_url, facts.batch, True),
    ]
    links = [
        ApplicationLink(title, _filled(template, value))
        for title, template, value, is_there in wanted
        if is_there and template.startswith(SCHEMES) and ID.fullmatch(value)
    ]
    shown = {link.url for link in links} | {""}
    named = (("Spark page by Livy", facts.spark_page), ("Driver log by Livy", facts.driver_log))
    return links + [ApplicationLink(title, url) for title, url in named if page_address(url) not in shown]


def _filled(template: str, value: str) -> str:
    """Put the id where the template wants it."""
    word = quote(value, safe="")
    return template.replace("{application}", word).replace("{batch}", word)
