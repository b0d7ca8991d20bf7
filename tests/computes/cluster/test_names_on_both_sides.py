"""The follower on the head node and the driver program call things by the same names."""

from computes.in_run.amlweb_cluster.beats import beat_name, latest_beat, latest_name, progress_in
from computes.in_run.amlweb_cluster.on_nodes import names
from computes.spark_driver import layout

PROGRESS = {"stages_done": 1, "stages": 2, "tasks_done": 3, "tasks": 4 * 10**12, "has_no_executor": True}


def test_a_sign_of_life_tells_of_the_progress_and_nothing_else() -> None:
    told = beat_name(12, PROGRESS)
    assert told == "beat-00000012-1-2-3-999999999w"
    assert latest_beat(["beat-00000011", told, "exit.json"]) == 12
    assert progress_in([told, "beat-00000011-9-9-9-9"]) == {**PROGRESS, "tasks": 999999999}
    assert progress_in([told, beat_name(13)]) is None
    hostile = [
        "beat-00000099-1-2-3-9999999999",
        "beat-00000099-1-2-3",
        "beat-00000099-1-2-3-٤",
        "beat-00000099-1-2-3-4\n",
    ]
    assert latest_name(hostile) == ""
    assert progress_in(hostile) is None


def test_the_follower_reads_what_the_driver_writes() -> None:
    path = layout.part_path(300, layout.SYSTEM, 5, 7)
    (part,) = names.parts_in([path, "spec.json", beat_name(3)])
    assert (part.name, part.stream, part.offset, part.length) == (path, names.SYSTEM, 5, 7)
    assert names.has_begun([layout.driver_name(2)])
    assert not names.has_begun([layout.SPECIFICATION, path])
    same = ("LOG", "SYSTEM", "METRICS", "SPECIFICATION", "SECRETS", "CODE", "CANCEL", "EXIT", "OUTPUTS", "ENVIRONMENT")
    assert [getattr(names, name) for name in same] == [getattr(layout, name) for name in same]
