"""The follower on the head node and the driver program call things by the same names."""

from computes.in_run.amlweb_cluster.on_nodes import names
from computes.spark_driver import layout


def test_the_follower_reads_what_the_driver_writes() -> None:
    path = layout.part_path(300, layout.SYSTEM, 5, 7)
    (part,) = names.parts_in([path, "spec.json", layout.beat_name(3)])
    assert (part.name, part.stream, part.offset, part.length) == (path, names.SYSTEM, 5, 7)
    assert names.has_begun([layout.driver_name(2)])
    assert not names.has_begun([layout.SPECIFICATION, path])
    assert names.BEAT.fullmatch(layout.beat_name(1))
    same = ("LOG", "SYSTEM", "METRICS", "SPECIFICATION", "SECRETS", "CODE", "CANCEL", "EXIT", "OUTPUTS", "ENVIRONMENT")
    assert [getattr(names, name) for name in same] == [getattr(layout, name) for name in same]
