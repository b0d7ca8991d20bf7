"""What WebHDFS, and what stands in its place, may answer (played by its contract)."""

import io
import time

import pytest

from computes.errors import LoginRefused, TargetDiskFull, TargetError, TargetUnreachable, TransferFailed
from computes.shared_storage.http_answer import HttpAccess
from computes.shared_storage.survey import survey_storage
from computes.shared_storage.webhdfs import WebHdfsStorage
from tests.stack.contract_http import Reply, always, times
from tests.stack.webhdfs_contract import FULL, WebHdfsContract, remote

PAGE = {"Content-Type": "text/html"}
ODD: dict[str, tuple[Reply, type[TargetError], str]] = {
    "standby": (
        remote(403, "StandbyException", "Operation category READ is not supported"),
        TargetUnreachable,
        "standby",
    ),
    "safe mode": (remote(403, "SafeModeException", "Name node is in safe mode"), TargetUnreachable, "safe mode"),
    "retry": (remote(403, "RetriableException", "not yet"), TargetUnreachable, "cannot do this now"),
    "quota": (FULL, TargetDiskFull, "no room"),
    "full": (
        remote(403, "IOException", "File /x could only be written to 0 of the 1 nodes"),
        TargetDiskFull,
        "no room",
    ),
    "not mine": (remote(403, "AccessControlException", "Permission denied: user=x"), TransferFailed, "refused to"),
    "no user": (remote(401, "SecurityException", "Failed to obtain user group information"), LoginRefused, "let us in"),
    "login page": (Reply(302, headers={"Location": "https://sso.example/login"}), TargetUnreachable, "elsewhere"),
    "login form": (Reply(200, b"<html>sign in</html>", PAGE), TargetUnreachable, "page for people"),
    "401": (Reply(401, b"<html>401</html>", PAGE), LoginRefused, "refuses the login"),
    "403 page": (Reply(403, b"<html>403</html>", PAGE), LoginRefused, "does not let this user in"),
    "404 page": (Reply(404, b"<html>404</html>", PAGE), TargetUnreachable, "page for people"),
    "bad gateway": (Reply(502, b"<html>502</html>", PAGE), TargetUnreachable, "gets no answer"),
    "busy": (Reply(429, b""), TargetUnreachable, "too often"),
    "no json": (Reply(200, b'{"FileStatuses": {"FileSt'), TargetUnreachable, "not one of WebHDFS"),
    "other json": (Reply.of(["a", "list"]), TargetUnreachable, "not one of WebHDFS"),
    "null": (Reply.of({"FileStatuses": {"FileStatus": None}}), TargetUnreachable, "unknown form"),
    "odd exception": (Reply.of({"RemoteException": "text"}, 500), TargetUnreachable, "unknown answer"),
    "huge": (Reply(200, b" " * 5_000_000), TargetUnreachable, "sent more than"),
    "hanging": (Reply(200, b"{}", delay=30), TargetUnreachable, "in time"),
    "lost": (Reply(lost=True), TargetUnreachable, "does not answer"),
}


@pytest.mark.parametrize("name", list(ODD))
def test_an_odd_answer_has_its_own_words_and_a_remedy(name: str, hdfs: WebHdfsContract, web: WebHdfsStorage) -> None:
    reply, kind, words = ODD[name]
    if reply.delay:
        web.client.silence_seconds = 0.5
    hdfs.name_node.odd = always("/runs", reply)
    with pytest.raises(kind, match=words) as caught:
        web.names("runs")
    assert caught.value.remedy


@pytest.mark.parametrize("said", [{}, {"ContentSummary": None}, {"ContentSummary": [1]}])
def test_a_summary_in_an_unknown_form_is_no_size(said: object, hdfs: WebHdfsContract, web: WebHdfsStorage) -> None:
    hdfs.name_node.odd = always("/runs", Reply.of(said))
    with pytest.raises(TargetUnreachable, match="not one of WebHDFS"):
        web.size("runs", time.monotonic() + 10)


def test_a_folder_that_is_not_ours_to_measure_does_not_end_a_survey(hdfs: WebHdfsContract, web: WebHdfsStorage) -> None:
    web.claim(".amlweb/ab12", b"")
    web.place(f"runs/ab12-{'0' * 32}/spec.json", b"{}")
    refusal = remote(403, "AccessControlException", "Permission denied: user=x")
    hdfs.name_node.odd = lambda asked: refusal if asked.query.get("op") == "GETCONTENTSUMMARY" else None
    (remains,) = survey_storage(web, "ab12").runs
    assert remains.bytes is None


def test_a_data_node_that_fails_is_no_success(hdfs: WebHdfsContract, web: WebHdfsStorage) -> None:
    hdfs.data_node.odd = always("", Reply(500, b"<html>oops</html>", PAGE))
    with pytest.raises(TargetUnreachable):
        web.place("runs/one/spec.json", b"{}")
    assert web.read("runs/one/spec.json", 0, 10) is None


def test_a_reply_that_is_lost_after_the_data_went_out_is_tried_again_safely(
    hdfs: WebHdfsContract, web: WebHdfsStorage
) -> None:
    hdfs.data_node.odd = times(1, "/submitted", Reply(lost=True))
    with pytest.raises(TargetUnreachable):
        web.claim("runs/one/submitted", b"1")
    assert web.claim("runs/one/submitted", b"2")


def test_the_password_goes_to_no_other_host(hdfs: WebHdfsContract) -> None:
    hdfs.login = "alice:open sesame"
    web = WebHdfsStorage(HttpAccess("WebHDFS", hdfs.address("/user/alice"), "alice", "open sesame"))
    web.place("runs/one/spec.json", b"{}")
    assert web.read("runs/one/spec.json", 0, 10) == b"{}"
    assert all("Authorization" in asked.headers for asked in hdfs.name_node.asked)
    assert hdfs.data_node.asked
    assert not any("Authorization" in asked.headers for asked in hdfs.data_node.asked)
    assert "open sesame" not in repr(web.access)


def test_a_user_without_a_password_is_only_named(hdfs: WebHdfsContract, web: WebHdfsStorage) -> None:
    web.place("runs/one/spec.json", b"{}")
    assert {asked.query.get("user.name") for asked in hdfs.name_node.asked} == {"amlweb"}


def test_what_is_placed_is_for_the_account_alone(hdfs: WebHdfsContract, web: WebHdfsStorage) -> None:
    web.place("runs/one/secrets.json", b"{}")
    path = hdfs.folder / "user/amlweb/runs/one/secrets.json"
    assert path.stat().st_mode & 0o777 == 0o600
    asked = [asked.query["permission"] for asked in hdfs.name_node.asked if asked.query["op"] == "MKDIRS"]
    assert set(asked) == {"700"}


def test_more_bytes_than_were_asked_for_are_not_taken(hdfs: WebHdfsContract, web: WebHdfsStorage) -> None:
    web.place("runs/one/log", b"x" * 10)
    hdfs.data_node.odd = always("/log", Reply(200, b"y" * 1_000_000))
    with pytest.raises(TargetUnreachable, match="sent more than"):
        web.read("runs/one/log", 0, 10)
    with pytest.raises(TargetUnreachable, match="sent more than"):
        web.fetch("runs/one/log", io.BytesIO(), 10)
