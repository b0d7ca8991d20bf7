"""No request goes where clouds answer with credentials, whoever names the place and however it is written."""

import socket
from ipaddress import ip_address
from typing import Any

import pytest

from computes import forbidden_addresses
from computes.errors import TargetUnreachable
from computes.shared_storage.http import HttpClient
from computes.shared_storage.http_answer import HttpAccess
from computes.shared_storage.webhdfs import WebHdfsStorage
from tests.stack.contract_http import Reply, always
from tests.stack.webhdfs_contract import WebHdfsContract

FORBIDDEN = "credentials"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["169.254.169.254", "2852039166", "[::ffff:169.254.169.254]", "[fd00:ec2::254]"])
def test_an_address_is_refused_when_it_is_connected_to(scheme: str, host: str) -> None:
    address = f"{scheme}://{host}/latest/meta-data"
    with pytest.raises(TargetUnreachable, match=FORBIDDEN) as caught:
        HttpClient(HttpAccess("Livy", address)).ask("GET", address)
    assert caught.value.remedy


def test_a_name_that_leads_there_among_others_is_refused(
    hdfs: WebHdfsContract, web: WebHdfsStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = socket.getaddrinfo

    def answer(host: Any, port: Any, *more: Any, **options: Any) -> Any:
        return [*asked(host, port, *more, **options), *asked("169.254.169.254", port, *more, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with pytest.raises(TargetUnreachable, match=FORBIDDEN):
        web.names("runs")
    assert not hdfs.name_node.asked


def test_a_name_that_changes_between_question_and_connection_is_told_nothing(
    hdfs: WebHdfsContract, web: WebHdfsStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answers = socket.getaddrinfo, iter(["127.0.0.2", "127.0.0.1"])

    def answer(host: Any, port: Any, *more: Any, **options: Any) -> Any:
        return asked(next(answers), port, *more, **options)

    metadata = (*forbidden_addresses.METADATA, ip_address("127.0.0.1"))
    monkeypatch.setattr(forbidden_addresses, "METADATA", metadata)
    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with pytest.raises(TargetUnreachable, match=FORBIDDEN):
        web.names("runs")
    assert not hdfs.name_node.asked


def test_a_data_node_there_is_given_nothing(hdfs: WebHdfsContract, web: WebHdfsStorage) -> None:
    place = {"Location": "http://169.254.169.254/webhdfs/v1/user/amlweb/runs/one/spec.json?op=CREATE"}
    hdfs.name_node.odd = always("spec.json", Reply(307, b"", place))
    with pytest.raises(TargetUnreachable, match=FORBIDDEN):
        web.place("runs/one/spec.json", b"{}")
