"""What a person's grants allow on a target."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from computes.granting import grant_use, revoke_grant
from computes.grants import Allowance, grant_for
from computes.models import ComputeTarget, TargetGrant
from computes.target_history import changes_of
from projects.models import Project


def test_without_a_grant_nobody_but_an_administrator_may_use_a_target(
    shed: ComputeTarget, project: Project, ada: User, bob: User
) -> None:
    assert grant_for(bob, project, shed) is None
    assert grant_for(AnonymousUser(), project, shed) is None
    assert grant_for(ada, project, shed) == Allowance(grant_id=None, slots=None, longest_run_seconds=None)


@pytest.mark.parametrize("way", ["person", "group", "project", "everyone"])
def test_each_way_to_be_granted_works_and_reaches_no_stranger(
    way: str, shed: ComputeTarget, project: Project, ada: User, bob: User, charlie: User
) -> None:
    team = Group.objects.create(name="team")
    bob.groups.add(team)
    holder = {"person": bob, "group": team, "project": project, "everyone": None}[way]
    grant = grant_use(shed, ada, holder, slots=2, longest_run_seconds=60)
    assert grant_for(bob, project, shed) == Allowance(grant.pk, 2, 60)
    other = Project.objects.create(slug="other", name="Other")
    assert (grant_for(charlie, other, shed) is not None) is (way == "everyone")
    assert (shed in ComputeTarget.objects.visible_to(charlie)) is (way == "everyone")
    assert shed in ComputeTarget.objects.visible_to(bob)
    assert list(ComputeTarget.objects.usable_by(bob, project)) == [shed]
    revoke_grant(grant, ada)
    assert grant_for(bob, project, shed) is None


def test_the_best_grant_counts_most_slots_first(shed: ComputeTarget, project: Project, ada: User, bob: User) -> None:
    grant_use(shed, ada, None, slots=1)
    best = grant_use(shed, ada, bob, slots=3, longest_run_seconds=60)
    assert grant_for(bob, project, shed) == Allowance(best.pk, 3, 60)
    unbounded = grant_use(shed, ada, project)
    assert grant_for(bob, project, shed) == Allowance(unbounded.pk, None, None)


def test_the_longest_run_of_the_target_bounds_every_grant(
    shed: ComputeTarget, project: Project, ada: User, bob: User
) -> None:
    shed.longest_run_seconds = 100
    shed.save()
    grant = grant_use(shed, ada, bob, longest_run_seconds=1000)
    assert grant_for(bob, project, shed) == Allowance(grant.pk, None, 100)
    assert grant_for(ada, project, shed) == Allowance(None, None, 100)


def test_a_target_that_is_off_allows_nobody_anything(
    shed: ComputeTarget, project: Project, ada: User, bob: User
) -> None:
    grant_use(shed, ada, bob)
    shed.is_enabled = False
    assert grant_for(bob, project, shed) is None
    assert grant_for(ada, project, shed) is None


def test_a_person_who_left_has_no_grant(shed: ComputeTarget, project: Project, ada: User, bob: User) -> None:
    grant_use(shed, ada, bob)
    bob.is_active = False
    bob.save()
    assert grant_for(bob, project, shed) is None


def test_in_team_mode_a_local_target_counts_only_when_somebody_trusts_it(
    shed: ComputeTarget, project: Project, ada: User, settings: Settings
) -> None:
    settings.MODE = "team"
    assert grant_for(ada, project, shed) is None
    assert not ComputeTarget.objects.usable_by(ada, project).exists()
    shed.trusted_at = timezone.now()
    shed.save()
    assert grant_for(ada, project, shed) is not None
    assert list(ComputeTarget.objects.usable_by(ada, project)) == [shed]


def test_granting_again_changes_the_one_grant(shed: ComputeTarget, ada: User, bob: User) -> None:
    first = grant_use(shed, ada, bob, slots=1)
    second = grant_use(shed, ada, bob, slots=2)
    assert first.pk == second.pk
    assert [grant.slots for grant in TargetGrant.objects.all()] == [2]
    assert [change.change_message for change in changes_of(shed)] == [
        "Changed the grant of person bob.",
        "Granted use to person bob.",
    ]


def test_the_database_refuses_a_grant_to_two_holders(shed: ComputeTarget, bob: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        TargetGrant.objects.create(target=shed, user=bob, everyone=True)


def test_a_member_sees_only_the_grants_that_he_has(
    shed: ComputeTarget, project: Project, ada: User, bob: User, charlie: User
) -> None:
    for holder in (charlie, project, None):
        grant_use(shed, ada, holder)
    assert {grant.holder for grant in TargetGrant.objects.visible_to(bob)} == {"project Hello", "everyone"}
    assert TargetGrant.objects.visible_to(ada).count() == 3
