"""Where scripts can run, how these places are reached, who may run there, and with which packages."""

from computes.models.action_node import ActionNode
from computes.models.compute_target import ComputeTarget
from computes.models.environment_lock import EnvironmentLock
from computes.models.script_action import ScriptAction
from computes.models.target_check import TargetCheck
from computes.models.target_contact import TargetContact
from computes.models.target_environment import TargetEnvironment
from computes.models.target_errand import TargetErrand
from computes.models.target_grant import TargetGrant
from computes.models.target_survey import TargetSurvey

__all__ = [
    "ActionNode",
    "ComputeTarget",
    "EnvironmentLock",
    "ScriptAction",
    "TargetCheck",
    "TargetContact",
    "TargetEnvironment",
    "TargetErrand",
    "TargetGrant",
    "TargetSurvey",
]
