"""The addresses of what administrators do with targets. Pages that tell of runs are with the runs: a target's own, and
the one that detaches it."""

from django.urls import path

import computes.address_parts  # noqa: F401 (registers <target:name>)
from computes.views.attach import compute_edit, compute_new, compute_rename
from computes.views.check import compute_check, compute_check_progress
from computes.views.grants import compute_grants, compute_revoke
from computes.views.host_key import compute_approve, compute_connection, compute_forget_password, compute_scan
from computes.views.nodes import compute_approve_nodes, compute_nodes, compute_scan_nodes
from computes.views.switch import compute_disable, compute_drain, compute_enable, compute_resume

urlpatterns = [
    path("computes/new/", compute_new, name="compute_new"),
    path("computes/<target:name>/edit/", compute_edit, name="compute_edit"),
    path("computes/<target:name>/rename/", compute_rename, name="compute_rename"),
    path("computes/<target:name>/connection/", compute_connection, name="compute_connection"),
    path("computes/<target:name>/host-key/scan/", compute_scan, name="compute_scan"),
    path("computes/<target:name>/host-key/approve/", compute_approve, name="compute_approve"),
    path("computes/<target:name>/nodes/", compute_nodes, name="compute_nodes"),
    path("computes/<target:name>/nodes/scan/", compute_scan_nodes, name="compute_scan_nodes"),
    path("computes/<target:name>/nodes/approve/", compute_approve_nodes, name="compute_approve_nodes"),
    path("computes/<target:name>/forget-password/", compute_forget_password, name="compute_forget_password"),
    path("computes/<target:name>/check/", compute_check, name="compute_check"),
    path("computes/<target:name>/checks/<int:check_id>/", compute_check_progress, name="compute_check_progress"),
    path("computes/<target:name>/drain/", compute_drain, name="compute_drain"),
    path("computes/<target:name>/resume/", compute_resume, name="compute_resume"),
    path("computes/<target:name>/enable/", compute_enable, name="compute_enable"),
    path("computes/<target:name>/disable/", compute_disable, name="compute_disable"),
    path("computes/<target:name>/grants/", compute_grants, name="compute_grants"),
    path("computes/<target:name>/grants/<int:grant_id>/revoke/", compute_revoke, name="compute_revoke"),
]
