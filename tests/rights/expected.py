"""Who may open what: the table that the rights test holds every address to. A new address needs a row here.

Outcomes: "ok" the person got to the thing (also when it then refused his input), "login" he is asked who he is, "404"
there is no such thing for him, "403" he may see it but not do this. Methods that a row does not name are refused to
everybody.
"""

from dataclasses import dataclass, field

PEOPLE = ("anonymous", "charlie", "vera", "bob", "alice", "ada", "share", "token")
Access = dict[str, str]


def access(outcomes: str) -> Access:
    """Return an outcome for each person, in the order of PEOPLE."""
    return dict(zip(PEOPLE, outcomes.split(), strict=True))


# "share" shows the token of a share link as a bearer token, "token" shows Bob's: pages know neither of them.
#                     anonymous charlie vera bob alice ada share token
EVERYBODY = access("  ok        ok      ok   ok  ok    ok  ok    ok")
KNOWN = access("      405       ok      ok   ok  ok    ok  405   405")
SIGNED_IN = access("  login     ok      ok   ok  ok    ok  login login")
VIEWERS = access("    login     404     ok   ok  ok    ok  login login")
RUNNERS = access("    login     404     404  ok  ok    ok  login login")
OWNERS = access("     login     404     404  404 ok    ok  login login")
ADMINS = access("     login     404     404  404 404   ok  login login")
OWN_THING = access("  login     404     404  ok  404   404 login login")
CALLERS = access("    login     ok      ok   ok  ok    ok  login ok")
VIEWER_CALL = access("login     404     ok   ok  ok    ok  login ok")
RUNNER_CALL = access("login     404     403  ok  ok    ok  login ok")
ADMIN_CALL = access(" login     403     403  403 403   ok  login 403")
ADMIN_PLACE = access("login     404     403  403 403   ok  login 403")
STAFF_ONLY = access(" login     login   login login login ok login login")


@dataclass(frozen=True)
class Row:
    """The access to one address by method: HEAD goes as GET. `places` are values for its parameters
    other than the usual ones."""

    methods: dict[str, Access]
    places: dict[str, str] = field(default_factory=dict)
    query: str = ""
    body: str = ""


def read(who: Access, **places: str) -> Row:
    """A page that is only read."""
    return Row({"GET": who}, places)


def form(who: Access, sent_by: Access | None = None, **places: str) -> Row:
    """A page with a form, which may be sent by fewer people than see the page."""
    return Row({"GET": who, "POST": sent_by or who}, places)


def deed(who: Access, **places: str) -> Row:
    """A deed without a page."""
    return Row({"POST": who}, places)


def call(**methods: Access) -> Row:
    """Calls of the API."""
    return Row(methods)


ROWS: dict[str, Row] = {
    "healthz": read(EVERYBODY),
    "readyz": read(EVERYBODY),
    "login": Row({"GET": EVERYBODY, "POST": EVERYBODY, "PUT": EVERYBODY, "PATCH": KNOWN, "DELETE": KNOWN}),
    "logout": deed(EVERYBODY),
    "account": form(SIGNED_IN),
    "account_theme": deed(SIGNED_IN),
    "account_password": deed(SIGNED_IN),
    "token_new": deed(SIGNED_IN),
    "token_revoke": deed(OWN_THING),
    "dashboard": read(SIGNED_IN),
    "team_runs": read(SIGNED_IN),
    "projects": read(SIGNED_IN),
    "project_new": form(SIGNED_IN),
    "project": read(VIEWERS),
    "project_files": form(VIEWERS, RUNNERS),
    "project_file": form(VIEWERS, RUNNERS, path="hello.py"),
    "project_config": form(VIEWERS, RUNNERS),
    "project_config_file": form(VIEWERS, RUNNERS, name="here.compute"),
    "project_members": Row({"GET": VIEWERS, "POST": OWNERS}, body="deed=add"),
    "project_source": form(RUNNERS),
    "project_import": read(VIEWERS),
    "submit": form(RUNNERS),
    "runs": read(VIEWERS),
    "compare": read(VIEWERS),
    "run": read(VIEWERS),
    "run_status": read(VIEWERS),
    "run_raw_log": read(VIEWERS),
    "run_metrics": read(VIEWERS),
    "run_metric_series": Row({"GET": VIEWERS}, query="?name=accuracy"),
    "run_outputs": read(VIEWERS),
    "run_outputs_archive": read(VIEWERS, kind="zip"),
    "run_output": read(VIEWERS, path="table.csv"),
    "run_code": read(VIEWERS),
    "run_code_archive": read(VIEWERS),
    "run_configuration": read(VIEWERS),
    "run_environment": read(VIEWERS),
    "run_events": read(VIEWERS),
    "run_cancel": deed(RUNNERS),
    "run_rerun": deed(RUNNERS),
    "run_archive": deed(RUNNERS),
    "run_unarchive": deed(RUNNERS),
    "run_share": form(OWNERS),
    "run_share_revoke": deed(OWNERS),
    "share": read(EVERYBODY),
    "share_log": read(EVERYBODY),
    "share_metrics": read(EVERYBODY),
    "share_series": Row({"GET": EVERYBODY}, query="?name=accuracy"),
    "share_outputs": read(EVERYBODY),
    "share_output": read(EVERYBODY, path="table.csv"),
    "computes": read(SIGNED_IN),
    "compute": read(VIEWERS),
    "compute_new": form(ADMINS),
    "compute_edit": form(ADMINS),
    "compute_rename": form(ADMINS),
    "compute_detach": form(ADMINS),
    "compute_connection": read(VIEWERS),
    "compute_scan": deed(ADMINS),
    "compute_approve": deed(ADMINS),
    "compute_forget_password": deed(ADMINS),
    "compute_check": deed(VIEWERS),
    "compute_check_progress": read(VIEWERS),
    "compute_space": read(VIEWERS),
    "compute_survey": deed(ADMINS),
    "compute_reclaim": form(ADMINS),
    "compute_nodes": read(ADMINS),
    "compute_scan_nodes": deed(ADMINS),
    "compute_approve_nodes": deed(ADMINS),
    "script_action_new": form(ADMINS, name="spark"),
    "script_action_run": deed(ADMINS, name="spark"),
    "script_action": read(ADMINS, name="spark"),
    "script_action_stop": deed(ADMINS, name="spark"),
    "script_action_log": read(ADMINS, name="spark", number="1"),
    "compute_drain": form(ADMINS),
    "compute_resume": deed(ADMINS),
    "compute_enable": form(ADMINS),
    "compute_disable": deed(ADMINS),
    "compute_grants": form(ADMINS),
    "compute_revoke": deed(ADMINS),
    "environments": read(SIGNED_IN),
    "environment": read(VIEWERS),
    "environment_lock": read(VIEWERS, form="lock"),
    "environment_log": read(VIEWERS),
    "environment_cancel": deed(RUNNERS),
    "prepare_environment": deed(RUNNERS),
    "run_prepare": deed(RUNNERS),
    "api:openapi-json": read(CALLERS),
    "api:openapi-view": read(CALLERS),
    "api:list_projects": call(GET=CALLERS, POST=CALLERS),
    "api:show_project": call(GET=VIEWER_CALL),
    "api:replace_source": call(PUT=RUNNER_CALL),
    "api:list_targets": call(GET=CALLERS, POST=ADMIN_CALL),
    "api:show_target": call(GET=ADMIN_PLACE, PATCH=ADMIN_PLACE, DELETE=ADMIN_PLACE),
    "api:show_host_key": call(GET=ADMIN_PLACE),
    "api:scan_host_key": call(POST=ADMIN_PLACE),
    "api:approve_key": call(POST=ADMIN_PLACE),
    "api:show_survey": call(GET=ADMIN_PLACE, POST=ADMIN_PLACE),
    "api:reclaim_space": call(POST=ADMIN_PLACE),
    "api:show_nodes": Row({"GET": ADMIN_PLACE}, {"name": "spark"}),
    "api:scan_nodes": Row({"POST": ADMIN_PLACE}, {"name": "spark"}),
    "api:approve_nodes": Row({"POST": ADMIN_PLACE}, {"name": "spark"}),
    "api:list_actions": Row({"GET": ADMIN_PLACE, "POST": ADMIN_PLACE}, {"name": "spark"}),
    "api:show_script_action": Row({"GET": ADMIN_PLACE}, {"name": "spark"}),
    "api:stop_script_action": Row({"POST": ADMIN_PLACE}, {"name": "spark"}),
    "api:read_action_log": Row({"GET": ADMIN_PLACE}, {"name": "spark", "number": "1"}),
    "api:start_check": call(POST=VIEWER_CALL),
    "api:show_check": call(GET=VIEWER_CALL),
    "api:list_environments": call(GET=CALLERS),
    "api:show_environment": call(GET=VIEWER_CALL),
    "api:read_build_log": call(GET=VIEWER_CALL),
    "api:cancel_environment_build": call(POST=RUNNER_CALL),
    "api:read_lock": call(GET=VIEWER_CALL),
    "api:read_explicit": call(GET=VIEWER_CALL),
    "api:read_pixi": call(GET=VIEWER_CALL),
    "api:prepare": call(POST=RUNNER_CALL),
    "api:create_run": call(GET=VIEWER_CALL, POST=RUNNER_CALL),
    "api:show_run": call(GET=VIEWER_CALL),
    "api:cancel_run": call(POST=RUNNER_CALL),
    "api:repeat_run": call(POST=RUNNER_CALL),
    "api:read_log": call(GET=VIEWER_CALL),
    "api:read_metrics": call(GET=VIEWER_CALL),
    "api:list_outputs": call(GET=VIEWER_CALL),
    "api:read_output": Row({"GET": VIEWER_CALL}, {"path": "table.csv"}),
    "api:read_snapshot": call(GET=VIEWER_CALL),
    "api:api-root": call(),
    "api:unknown": call(),
}
ADMIN_ROW = STAFF_ONLY
