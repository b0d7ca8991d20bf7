"""Contact over time: a row for each change, none while nothing changes."""

from datetime import timedelta

from django.utils import timezone

from computes.contact import KEPT_CHANGES, note_answer, note_silence
from computes.models import ComputeTarget, TargetContact


def changes_of(target: ComputeTarget) -> list[tuple[bool, str]]:
    return list(TargetContact.objects.filter(target=target).order_by("pk").values_list("is_reachable", "text"))


def test_only_changes_are_kept_and_the_last_word_is_on_the_target(shed: ComputeTarget) -> None:
    before = timezone.now() - timedelta(hours=1)
    note_answer(shed.pk, before)
    note_answer(shed.pk)
    note_silence(shed.pk, "the link is down")
    note_silence(shed.pk, "the name was not found")
    assert changes_of(shed) == [(True, ""), (False, "the link is down")]
    shed.refresh_from_db()
    assert shed.contact_problem == "the name was not found"
    note_answer(shed.pk)
    shed.refresh_from_db()
    assert shed.contact_problem == ""
    assert shed.last_contact_at is not None
    assert shed.last_contact_at > before
    assert [is_reachable for is_reachable, _ in changes_of(shed)] == [True, False, True]


def test_silence_before_the_first_answer_is_a_change_too(shed: ComputeTarget) -> None:
    note_silence(shed.pk, "x" * 900)
    assert changes_of(shed) == [(False, "x" * 500)]


def test_old_changes_are_forgotten(shed: ComputeTarget) -> None:
    TargetContact.objects.bulk_create(TargetContact(target=shed, is_reachable=True) for _ in range(KEPT_CHANGES + 5))
    note_silence(shed.pk, "gone")
    assert len(changes_of(shed)) == KEPT_CHANGES
    assert (False, "gone") in changes_of(shed)


def test_a_target_that_was_detached_meanwhile_is_no_mistake(shed: ComputeTarget) -> None:
    key = shed.pk
    shed.delete()
    note_answer(key)
    note_silence(key, "gone")
    assert not TargetContact.objects.exists()
