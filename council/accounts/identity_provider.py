"""Login by the prefecture's identity provider (OpenID Connect), where the settings name one.

It says who somebody is, and nothing else: accounts and roles are given here. allauth carries the flow
(state, PKCE, the exchange of the code). Stricter than allauth, the ID token's signature is always
verified, and all that the provider says must speak of one person and of this portal.
"""

from secrets import token_urlsafe
from typing import Any, NoReturn, cast

import jwt
from allauth.account.internal.decorators import login_not_required
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.base.constants import AuthError
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from requests import RequestException

from members.common.acts import act
from members.common.audit import note_act
from members.common.merging import digest
from members.trail.gathering import note_alone

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"]
NONCES, MOST_AT_ONCE = "oidc_nonces", 5
# Seconds by which two clocks may differ.
LEEWAY = 60
UNKNOWN = "このポータルの利用者として登録されていません。システム管理の職員に、招待を依頼してください。"
UNVERIFIED = "認証基盤から確認済みのメールアドレスが届かないため、どのアカウントか分かりません。"
OTHER_PERSON = (
    "このアカウントには、認証基盤の別の利用者が結び付いています。システム管理の職員に連絡してください。"
)
STOPPED = "このアカウントは停止されています。システム管理の職員に連絡してください。"
FAILED = "認証基盤での確認ができませんでした。もう一度ログインしてください。"
DOWN = "県の認証基盤につながりません。しばらくしてから、もう一度お試しください。"
CANCELLED = "ログインを取りやめました。"


def is_offered() -> bool:
    """Whether the settings name an identity provider."""
    return bool(settings.SOCIALACCOUNT_PROVIDERS)


class PortalOpenIDAdapter(OpenIDConnectOAuth2Adapter):
    """Reads what the provider says of a person, and believes it only where all of it fits."""

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> SocialLogin:
        found = kwargs["response"].get("id_token")
        if not found:
            raise OAuth2Error("no ID token")
        claims = self._decode_id_token(app, found)
        userinfo = self._fetch_user_info(token.token)
        if userinfo.get("sub") != claims["sub"]:
            raise OAuth2Error("userinfo speaks of somebody else")
        told = {"userinfo": userinfo, "id_token": claims}
        login = cast(SocialLogin, self.get_provider().sociallogin_from_response(request, told))
        # A subject is a person of one issuer only: another provider's may be the same.
        login.account.uid = digest([claims["iss"], claims["sub"]])
        return login

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """As it is registered there, whatever host a request names."""
        path = reverse("openid_connect_callback", args=[self.provider_id])
        return request.build_absolute_uri(path) if settings.DEMO else f"{settings.PORTAL_ADDRESS}{path}"

    @property
    def openid_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().openid_config
        if config["issuer"].rstrip("/") != self.get_provider().server_url.partition("/.well-known/")[0]:
            raise OAuth2Error("the provider names another issuer")
        return config

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key=self._key_of(id_token),
                algorithms=ALGORITHMS,
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "sub", "iss", "aud"]},
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise OAuth2Error(f"ID token: {error}") from error
        # A token for several applications must be meant for this one.
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("ID token: meant for another application")
        # Once for each way there: a token of another login, or of another browser, is none.
        known = self.request.session.get(NONCES, [])
        if claims.get("nonce") not in known:
            raise OAuth2Error("ID token: of another login")
        self.request.session[NONCES] = [nonce for nonce in known if nonce != claims["nonce"]]
        return claims

    def _key_of(self, id_token: str) -> Any:
        """Fetched each time: a key that was rolled over in the night is there, and none is kept too long."""
        wanted = jwt.get_unverified_header(id_token).get("kid")
        with adapter(self.request).get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        for key in jwt.PyJWKSet.from_dict(answer.json()).keys:
            if key.key_id == wanted:
                return key
        raise OAuth2Error("ID token: signed with an unknown key")


# Also for the way there, which the library's provider begins.
OpenIDConnectProvider.oauth2_adapter_class = PortalOpenIDAdapter


def adapter(request: HttpRequest) -> "IdentityProviderAdapter":
    return IdentityProviderAdapter(request)


class IdentityProviderAdapter(DefaultSocialAccountAdapter):
    """Who the provider names must have an account here; none is made, and no role is taken from it."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        # Whatever an address asks for: nobody is linked who does not log in.
        sociallogin.state["process"] = AuthProcess.LOGIN
        user = sociallogin.user if sociallogin.is_existing else self.find(request, sociallogin)
        if not (user.is_active and user.is_staff):
            refuse(request, STOPPED)
        if not sociallogin.is_existing:
            sociallogin.connect(request, user)
            act("アカウント：県の認証基盤との結び付け", about=user)
            note_act(user, user, {"認証": "県の認証基盤と結び付けました。"})

    def find(self, request: HttpRequest, sociallogin: SocialLogin) -> User:
        """The one account with the address that the provider has verified; refuses where there is none."""
        verified = [each.email.strip() for each in sociallogin.email_addresses if each.verified]
        if not verified:
            refuse(request, UNVERIFIED)
        # A database may fold letters that only look alike: ı to I, ſ to S.
        if not verified[0].isascii():
            refuse(request, UNKNOWN)
        found = list(User.objects.filter(email__iexact=verified[0], is_staff=True)[:2])
        if len(found) != 1 or found[0].email.lower() != verified[0].lower():
            refuse(request, UNKNOWN)
        if SocialAccount.objects.filter(user=found[0]).exists():
            refuse(request, OTHER_PERSON)
        return found[0]

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: Any = None,
    ) -> None:
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(refusal(request, CANCELLED, 200))
        refuse(request, FAILED, str(exception or ""))


def refuse(request: HttpRequest, text: str, detail: str = "") -> NoReturn:
    """End the login with a page that says why; auditors read it too."""
    why = f"{text}（{detail[:200]}）" if detail else text
    note_alone(request, "県の認証基盤でのログインを断りました", why)
    raise ImmediateHttpResponse(refusal(request, text, 403))


def refusal(request: HttpRequest, text: str, status: int) -> HttpResponse:
    return render(request, "accounts/identity_provider.html", {"text": text}, status=status)


def answer(request: HttpRequest, provider_id: str, view: Any) -> HttpResponse:
    try:
        found: HttpResponse = view.adapter_view(PortalOpenIDAdapter(request, provider_id))(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    except OAuth2Error:
        return refusal(request, FAILED, 403)
    except RequestException:
        return refusal(request, DOWN, 503)
    return found


@login_not_required
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send somebody to the identity provider."""
    nonce = token_urlsafe(24)
    request.session[NONCES] = [*request.session.get(NONCES, []), nonce][-MOST_AT_ONCE:]
    given = request.GET.copy()
    given["auth_params"] = urlencode({"nonce": nonce})
    request.GET = QueryDict(given.urlencode())
    return answer(request, provider_id, OAuth2LoginView)


@login_not_required
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take somebody back from it."""
    return answer(request, provider_id, OAuth2CallbackView)
