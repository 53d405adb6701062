"""Where staff come in, stay safe and leave, below ``accounts/``: what of allauth we use, and no more."""

from allauth.account import views
from django.urls import include, path

from council.accounts import identity_provider
from council.accounts.invitations import InvitationView

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("confirm/", views.reauthenticate, name="account_reauthenticate"),
    path("second-factor/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
    path("provider/<slug:provider_id>/login/", identity_provider.login, name="openid_connect_login"),
    path("provider/<slug:provider_id>/callback/", identity_provider.callback, name="openid_connect_callback"),
    path("invitation/<uidb64>/<token>/", InvitationView.as_view(), name="invitation"),
]
