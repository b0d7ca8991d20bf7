"""What a driver carries of a file that grows, and how much of it at most."""

from pathlib import Path

from computes.in_run.amlweb_cluster.masking import Masker
from computes.spark_driver.folder_storage import FolderStorage
from computes.spark_driver.shipping import Parts, Shipment


def test_no_more_is_carried_than_may_be_however_much_is_there_at_once(tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "log").write_bytes(b"x" * 5_000)
    parts = Parts(FolderStorage(str(tmp_path / "storage")), "runs/one", str(tmp_path / "scratch"), 0)
    shipment = Shipment("log", str(tmp_path / "log"), parts, Masker([]), 0, 1_000)
    for is_final in (False, True):
        shipment.advance(is_final, lambda: None)
        assert shipment.sent == 1_000
    assert [path.stat().st_size for path in (tmp_path / "storage").rglob("log-*")] == [1_000]
