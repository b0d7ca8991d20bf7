"""The addresses of projects. The project's own page shows runs, so it stands with the runs."""

from django.urls import URLPattern, URLResolver, path

from projects.views import account, configuration, files, members, project_list, project_new, sign_in, source

PROJECT = "projects/<slug:slug>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", sign_in.sign_in, name="login"),
    path("logout/", sign_in.sign_out, name="logout"),
    path("account/", account.show_account, name="account"),
    path("account/theme/", account.choose_theme, name="account_theme"),
    path("account/password/", account.change_password, name="account_password"),
    path("account/tokens/", account.make_token, name="token_new"),
    path("account/tokens/<int:token_id>/revoke/", account.revoke_token, name="token_revoke"),
    path("projects/", project_list.list_projects, name="projects"),
    path("projects/new/", project_new.make_project, name="project_new"),
    path(f"{PROJECT}files/", files.show_files, name="project_files"),
    path(f"{PROJECT}files/<path:path>", files.show_file, name="project_file"),
    path(f"{PROJECT}aml_config/", configuration.show_configuration, name="project_config"),
    path(f"{PROJECT}aml_config/<path:name>", configuration.show_configuration_file, name="project_config_file"),
    path(f"{PROJECT}members/", members.show_members, name="project_members"),
    path(f"{PROJECT}source/", source.show_source, name="project_source"),
    path(f"{PROJECT}import/", source.show_import, name="project_import"),
]
