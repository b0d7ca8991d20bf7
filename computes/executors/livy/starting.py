"""Starting a run: placed in the shared storage, claimed there, then given to Livy. Told twice, it starts once.

Three things hold that: the claim `submitted`, after which a lost reply is looked for before Livy is asked again; the
batch's name, which Livy takes once; and the driver's own claim, so that a second driver never runs the script.
"""

import time

from computes.contract import ExecutionRequest, LivySettings
from computes.errors import EnvironmentGone, StartFailed, StartRefused, TargetUnreachable
from computes.executors.livy.answers import NameTaken
from computes.executors.livy.batch import Batch
from computes.executors.livy.run_behind_livy import RunBehindLivy
from computes.executors.livy.submission import batch_body, batch_name, left_out
from computes.executors.spark.attempts import most_attempts
from computes.machines.contract import CollectionLimits
from computes.shared_storage.packed_environments import PackedEnvironments
from computes.shared_storage.placing import check_request, place_program, place_run
from computes.spark_driver.layout import BATCH, EXIT, SECRETS, SPECIFICATION, SUBMITTED, VERDICT, latest_attempt


def start(run: RunBehindLivy, request: ExecutionRequest, livy: LivySettings, limits: CollectionLimits) -> None:
    """Place the code and have Livy start the batch; return when it has taken it. Raises StartRefused, StartFailed."""
    shared = run.shared
    shared.open()
    names = shared.names()
    if latest_attempt(names) or names & {EXIT, VERDICT, BATCH}:
        return
    refuse_if_buried(run)
    check_request(request)
    if request.address.settings.native_shared_directory:
        raise StartFailed(
            "A cluster has no folder that is kept between runs: each driver may run on another machine.",
            "Leave nativeSharedDirectory of the target empty, and read and write data in the cluster's own storage.",
        )
    if request.environment_hash:
        packs = PackedEnvironments(shared.storage, request.address.installation_id)
        if not packs.is_whole(request.environment_hash):
            raise EnvironmentGone(
                f"The packed environment {request.environment_hash} is not in the shared storage.", "Build it again."
            )
    program = place_program(shared)
    if SUBMITTED not in names:
        attempts = most_attempts({**livy.configuration, **request.spark.configuration})
        place_run(shared, request, intro_of(run, request, livy), attempts, limits)
    was_submitted = not shared.claim(SUBMITTED, {"time": time.time()})
    if not was_submitted and shared.is_buried():
        shared.storage.remove(shared.folder)  # the clean-up may have come before it was there
    refuse_if_buried(run)
    batch = run.livy.find(batch_name(shared)) if was_submitted else None
    batch = batch or submit(run, batch_body(request, livy, shared, program))
    shared.claim(BATCH, {"id": batch.id})
    if shared.is_buried():
        run.livy.delete(batch.id)
        if SPECIFICATION not in shared.names():  # the clean-up came before the batch was noted
            shared.storage.remove(shared.folder)
    if was_submitted and shared.names() & {EXIT, VERDICT}:
        shared.storage.remove(f"{shared.folder}/{SECRETS}")  # placed too late: no driver is left that removes them


def submit(run: RunBehindLivy, body: dict[str, object]) -> Batch:
    """Ask Livy for the batch. Where its reply got lost it is looked for; without a trace the silence is passed on."""
    name = batch_name(run.shared)
    try:
        return run.livy.submit(body)
    except NameTaken as error:
        found = run.livy.find(name)
        if found is None:
            raise TargetUnreachable(
                "Livy says that it has a batch of this name, but does not list it.", "It is asked again by itself."
            ) from error
        return found
    except TargetUnreachable:
        found = run.livy.find(name)
        if found is None:
            raise
        return found


def refuse_if_buried(run: RunBehindLivy) -> None:
    """Raise StartRefused for a run that was stopped or cleaned up before."""
    if run.shared.is_buried():
        raise StartRefused(
            "The run was ended or cleaned up on the target before it could start.", "Submit it again as a new run."
        )


def intro_of(run: RunBehindLivy, request: ExecutionRequest, livy: LivySettings) -> str:
    """Return the first lines of the system log."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    lines = [f"{len(request.manifest)} files of code placed in {run.shared.uri_of(run.shared.folder)}"]
    if ignored := left_out(request, livy):
        lines.append(f"without effect here, because amlweb or Livy sets them: {', '.join(ignored)}")
    lines.append(f"asking Livy for the batch {batch_name(run.shared)}")
    return "".join(f"{stamp} {line}\n" for line in lines)
