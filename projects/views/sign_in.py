"""Signing in and out: Django's own views with our form."""

from django.contrib.auth.views import LoginView, LogoutView

from projects.forms.sign_in import SignInForm

sign_in = LoginView.as_view(authentication_form=SignInForm, redirect_authenticated_user=True)
sign_out = LogoutView.as_view()
