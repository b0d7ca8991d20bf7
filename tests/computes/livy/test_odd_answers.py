"""What Livy, and what stands in its place, may answer: each has its own words, and none ends or doubles a run."""

import pytest

from computes.contract import Condition, Loss, Stream
from computes.errors import LoginRefused, StartFailed, TargetError, TargetUnreachable
from computes.executors.livy.client import LivyClient
from computes.executors.livy.executor import LivyExecutor
from computes.executors.livy.run_behind_livy import livy_settings
from tests.computes.livy.livy_bench import LivyBench
from tests.computes.livy.livy_replies import FAREWELL, STACK, UNPREPARED
from tests.computes.on_targets import wait_for, wait_for_end, wait_for_line
from tests.computes.python_scripts import PRINT, WAIT
from tests.stack.contract_http import Reply, always
from tests.stack.livy_contract import LivyContract

PAGE = {"Content-Type": "text/html"}


def said(text: str, status: int = 400) -> Reply:
    """Return a refusal in Livy's form."""
    return Reply.of({"msg": text}, status)


SILENT: dict[str, tuple[Reply, type[TargetError], str]] = {
    "401": (Reply(401, b"<html>401</html>", PAGE), LoginRefused, "refuses the login"),
    "403 of a gateway": (Reply(403, b"<html>403</html>", PAGE), LoginRefused, "does not let this user in"),
    "302 to a login page": (Reply(302, headers={"Location": "https://sso/login"}), TargetUnreachable, "elsewhere"),
    "307": (Reply(307, headers={"Location": "http://other:8998/batches"}), TargetUnreachable, "elsewhere"),
    "a login page at once": (Reply(200, b"<html>sign in</html>", PAGE), TargetUnreachable, "page for people"),
    "404 of a gateway": (Reply(404, b"<html>404</html>", PAGE), TargetUnreachable, "page for people"),
    "404 in plain text": (Reply(404, b"nothing"), TargetUnreachable, "is not Livy"),
    "429": (Reply(429, b"slow down"), TargetUnreachable, "too often"),
    "502 as a page": (Reply(502, b"<html>Bad Gateway</html>", PAGE), TargetUnreachable, "gets no answer"),
    "503": (Reply(503, b""), TargetUnreachable, "gets no answer"),
    "500": (Reply(500, b'{"msg": "java.lang.NullPointerException"}'), TargetUnreachable, "NullPointer"),
    "invalid JSON": (Reply(200, b'{"id": 3, "sta'), TargetUnreachable, "cannot be read"),
    "an empty body": (Reply(200, b""), TargetUnreachable, "cannot be read"),
    "a list": (Reply.of([1, 2]), TargetUnreachable, "cannot be read"),
    "null": (Reply.of(None), TargetUnreachable, "cannot be read"),
    "no id": (Reply.of({"state": "running"}), TargetUnreachable, "cannot be read"),
    "an id that is a text": (Reply.of({"id": "7", "state": "running"}), TargetUnreachable, "cannot be read"),
    "no state": (Reply.of({"id": 7}), TargetUnreachable, "cannot be read"),
    "a deep body": (Reply(200, b"[" * 200_000), TargetUnreachable, "cannot be read"),
    "a huge body": (Reply(200, b" " * 6_000_000), TargetUnreachable, "sent more than"),
    "hanging": (Reply(200, b"{}", delay=30), TargetUnreachable, "in time"),
    "dripping": (Reply(200, b"{" * 1000, drip=0.4), TargetUnreachable, "in time"),
    "no answer": (Reply(lost=True), TargetUnreachable, "does not answer"),
}

REFUSED: dict[str, tuple[Reply, type[TargetError], str, str]] = {
    "local files": (
        said("Rejected, Reason: requirement failed: Local path /mnt/x cannot be added to user sessions."),
        StartFailed,
        "may not hand out files",
        "local-dir-whitelist",
    ),
    "blacklist": (
        said("Rejected, Reason: Blacklisted configuration values in session config: spark.master"),
        StartFailed,
        "forbids a Spark property: .*spark.master",
        "Take it out",
    ),
    "too many": (said("Rejected, too many sessions are being created!"), TargetUnreachable, "as many", "tried again"),
    "csrf": (said("Missing Required Header for CSRF protection."), StartFailed, "X-Requested-By", "gateway"),
    "proxy user": (
        said("User 'amlweb' not allowed to impersonate 'Some(eve)'.", 403),
        StartFailed,
        "may not run batches as that user",
        "hadoop.proxyuser",
    ),
    "forbidden": (said("User is not authorized", 403), LoginRefused, "does not let this user in", "administrator"),
    "old": (said('Unrecognized field "pyFiles" (class CreateBatchRequest)'), StartFailed, "too old", "0.7"),
    "other": (said("Rejected, Reason: requirement failed: something"), StartFailed, "something", "log"),
}


@pytest.mark.parametrize("name", list(SILENT))
def test_an_odd_answer_has_its_own_words_and_a_remedy(name: str, livy: LivyContract, bench: LivyBench) -> None:
    reply, kind, words = SILENT[name]
    livy.service.odd = always("/batches", reply)
    client = LivyClient(livy_settings(bench.settings()))
    if reply.delay or reply.drip:
        client.http.silence_seconds, client.deadline_seconds = 0.5, 1.0
    with pytest.raises(kind, match=words) as caught:
        client.batch(7)
    assert caught.value.remedy


@pytest.mark.parametrize("name", list(SILENT))
def test_an_odd_answer_ends_no_run_that_lives(
    name: str, livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    livy.is_full = True
    request = bench.request(PRINT, "one")
    executor.start(request)
    livy.service.odd = always("/batches", SILENT[name][0])
    client = executor.run_of(request.address).livy
    client.http.silence_seconds, client.deadline_seconds = 0.3, 0.6
    status = executor.poll(request.address)
    assert status.condition is Condition.UNREACHABLE
    assert status.why
    assert livy.ever[0].current_state() == "starting"


@pytest.mark.parametrize("name", list(REFUSED))
def test_a_refused_batch_says_why_and_what_to_do(
    name: str, livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    reply, kind, words, remedy = REFUSED[name]
    livy.service.odd = lambda asked: reply if asked.method == "POST" else None
    request = bench.request(PRINT, "one")
    with pytest.raises(kind, match=words) as caught:
        executor.start(request)
    assert remedy in caught.value.remedy
    assert executor.poll(request.address).condition is Condition.ABSENT


@pytest.mark.parametrize("state", ["dead", "error", "killed", "success"])
def test_a_batch_that_ends_before_its_driver_began_was_not_started_and_has_livys_last_words(
    state: str, livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    livy.is_full = True
    request = bench.request(PRINT, "one")
    executor.start(request)
    batch = livy.ever[0]
    batch.state, batch.lines = state, ["unresolved dependency: org.example#connector_2.12;9.9: not found"]
    status = wait_for_end(executor, request.address)
    assert (status.condition, status.loss) == (Condition.LOST, Loss.NOT_STARTED)
    assert "before its driver began" in status.why
    assert "connector_2.12" in status.why
    log = executor.read(request.address, Stream.SYSTEM, 0, 1 << 16)
    assert b"unresolved dependency" in log
    assert status.system_bytes == len(log)
    livy.forget()
    assert executor.poll(request.address) == status


@pytest.mark.parametrize("name", list(UNPREPARED))
def test_a_batch_that_had_not_what_it_asked_for_says_what_and_what_to_do(
    name: str, livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    livy.is_full = True
    request = bench.request(PRINT, "one")
    executor.start(request)
    said, words, remedy = UNPREPARED[name]
    livy.ever[0].state, livy.ever[0].lines = "dead", said.splitlines()
    status = wait_for_end(executor, request.address)
    assert (status.condition, status.loss) == (Condition.LOST, Loss.UNPREPARED)
    assert words in status.why
    assert remedy in status.why
    assert said.splitlines()[-1].strip() in executor.read(request.address, Stream.SYSTEM, 0, 1 << 16).decode()
    livy.forget()
    assert executor.poll(request.address) == status


def test_a_batch_that_dies_without_a_word_says_so(livy: LivyContract, bench: LivyBench, executor: LivyExecutor) -> None:
    livy.is_full = True
    request = bench.request(PRINT, "one")
    executor.start(request)
    livy.ever[0].state, livy.ever[0].lines = "dead", []
    status = wait_for_end(executor, request.address)
    assert status.loss is Loss.NOT_STARTED
    assert "heard nothing" in status.why


def test_words_that_nobody_knows_are_shown_as_they_are_without_java_stack_and_farewell(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    livy.is_full = True
    request = bench.request(PRINT, "one")
    executor.start(request)
    batch = livy.ever[0]
    batch.state, batch.lines = (
        "dead",
        ["Error: the flux is undone", "java.lang.Flux: 7", *(STACK + FAREWELL).splitlines()],
    )
    status = wait_for_end(executor, request.address)
    assert status.loss is Loss.NOT_STARTED
    assert status.why.endswith("Livy's last words: Error: the flux is undone · java.lang.Flux: 7")


def test_very_long_words_are_cut(livy: LivyContract, bench: LivyBench, executor: LivyExecutor) -> None:
    livy.is_full = True
    request = bench.request(PRINT, "one")
    executor.start(request)
    livy.ever[0].state, livy.ever[0].lines = "error", ["a" * 400, "b" * 5000]
    status = wait_for_end(executor, request.address)
    assert status.why.endswith("b" * 300)
    assert "ab" not in status.why


def test_an_application_that_waits_is_starting_and_says_what_for(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    livy.is_full = True
    request = bench.request(PRINT, "one")
    executor.start(request)
    status = executor.poll(request.address)
    assert status.condition is Condition.STARTING
    assert "queue" in status.why
    livy.begin_all()
    assert wait_for_end(executor, request.address).condition is Condition.EXITED


@pytest.mark.parametrize("state", ["shiny", "", "RUNNING"])
def test_a_state_that_nobody_knows_ends_nothing(
    state: str, livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    livy.is_full = True
    request = bench.request(PRINT, "one")
    executor.start(request)
    facts = {**livy.ever[0].view(), "state": state, "appId": None, "appInfo": None, "log": None}
    livy.service.odd = always("/batches/0", Reply.of(facts))
    assert executor.poll(request.address).condition is Condition.STARTING


def test_a_driver_that_lives_needs_no_livy(livy: LivyContract, bench: LivyBench, executor: LivyExecutor) -> None:
    request = bench.request(WAIT)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    livy.service.odd = always("", Reply(503))
    wait_for(lambda: executor.poll(request.address).condition is Condition.ALIVE, "a living run")
    assert executor.stop(request.address, 5).text
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.ended_by == "cancel"
