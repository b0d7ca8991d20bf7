"""What a look tells of the application on the cluster."""

import pytest

from computes.contract import Condition
from computes.executors.livy.executor import LivyExecutor
from tests.computes.livy.livy_bench import HASTY, LivyBench
from tests.computes.on_targets import wait_for_end, wait_for_line
from tests.computes.python_scripts import PRINT, WAIT
from tests.stack.contract_http import Reply, always
from tests.stack.livy_contract import APPLICATION, LivyContract

SPARK_PAGE = f"http://yarn.example:8088/proxy/{APPLICATION % 0}/"
DRIVER_LOG = "http://node1.example:8042/logs"


def test_an_application_is_told_from_the_queue_to_its_end(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    livy.is_full = True
    request = bench.request(PRINT, "one")
    executor.start(request)
    told = executor.poll(request.address).application
    assert told is not None
    assert (told.batch, told.state, told.is_waiting) == ("0", "ACCEPTED", True)
    assert "state: ACCEPTED" in told.why
    livy.begin_all()
    told = wait_for_end(executor, request.address).application
    assert told is not None
    assert (told.id, told.batch, told.is_waiting, told.why) == (APPLICATION % 0, "0", False, "")
    assert (told.spark_page, told.driver_log) == (SPARK_PAGE, DRIVER_LOG)
    driver = livy.ever[0].process
    assert driver is not None
    driver.wait(30)
    told = LivyExecutor(patience=HASTY).poll(request.address).application
    assert told is not None
    assert told.state == "SUCCESS"


def test_a_livy_that_fails_is_asked_once_while_the_driver_gives_signs_of_life(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    request = bench.request(WAIT)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    other = LivyExecutor(patience=HASTY)
    livy.prefix = "/moved"
    before = len(livy.service.paths("GET"))
    for _ in range(2):
        run = other.run_of(request.address)
        run.seen.told = None
        status = other.look(request.address)
        assert status.condition is Condition.ALIVE
        assert status.application is not None
        assert (status.application.id, status.application.state) == (APPLICATION % 0, "RUNNING")
    assert len(livy.service.paths("GET")) == before + 1
    livy.prefix = ""
    executor.stop(request.address, 1)
    wait_for_end(executor, request.address)


@pytest.mark.parametrize(
    "links",
    [
        {"sparkUiUrl": "javascript:alert(1)", "driverLogUrl": "http://ada:tulip@node1.example:8042/logs"},
        {"sparkUiUrl": {"href": SPARK_PAGE}, "driverLogUrl": DRIVER_LOG + "\n<script>"},
        [SPARK_PAGE, DRIVER_LOG],
    ],
)
def test_pages_that_a_browser_must_not_be_led_to_are_left_out(
    links: object, livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    livy.is_full = True
    request = bench.request(PRINT, "one")
    executor.start(request)
    livy.service.odd = always("/batches/0", Reply.of({**livy.ever[0].view(), "appInfo": links}))
    told = executor.poll(request.address).application
    assert told is not None
    assert (told.batch, told.spark_page, told.driver_log) == ("0", "", "")
