"""A small real OpenID Connect provider on loopback, which can be told to misbehave."""

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT = {"client_id": "portal", "secret": "a-secret-of-the-portal"}


class Provider:
    """Its person, what it claims of them, and the keys it shows; tests change any of it."""

    def __init__(self) -> None:
        self.keys = {"k1": rsa.generate_private_key(65537, 2048)}
        self.signs_with = "k1"
        self.person: dict[str, Any] = {
            "sub": "p-1",
            "email": "hanako@pref.example.jp",
            "email_verified": True,
        }
        # Of the ID token, and of the userinfo, beside or instead of what they say of the person.
        self.token: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.is_down = False
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.get(self)

            def do_POST(self) -> None:
                owner.exchange(self)

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def get(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        if self.is_down:
            reply(handler, {}, 503)
        elif parts.path == "/.well-known/openid-configuration":
            reply(
                handler,
                {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "userinfo_endpoint": f"{self.issuer}/userinfo",
                    "jwks_uri": f"{self.issuer}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                },
            )
        elif parts.path == "/keys":
            keys = [
                json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
                | {"kid": kid, "alg": "RS256", "use": "sig"}
                for kid, key in self.keys.items()
                if kid != "hidden"
            ]
            reply(handler, {"keys": keys})
        elif parts.path == "/userinfo":
            reply(handler, self.person | self.userinfo)
        elif parts.path == "/authorize":
            given = {name: values[0] for name, values in parse_qs(parts.query).items()}
            code = f"code-{len(self.codes)}"
            self.codes[code] = given
            handler.send_response(302)
            back = urlencode({"code": code, "state": given["state"]})
            handler.send_header("Location", f"{given['redirect_uri']}?{back}")
            handler.end_headers()

    def exchange(self, handler: BaseHTTPRequestHandler) -> None:
        """Each code once, and only to who began with it (PKCE) and knows the secret."""
        body = handler.rfile.read(int(handler.headers["Content-Length"])).decode()
        given = {name: values[0] for name, values in parse_qs(body).items()}
        begun = self.codes.pop(given.get("code", ""), None)
        verifier = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if (
            begun is None
            or begun.get("code_challenge_method") != "S256"
            or begun.get("code_challenge") != challenge
            or given.get("client_secret") != CLIENT["secret"]
        ):
            reply(handler, {"error": "invalid_grant"}, 400)
            return
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT["client_id"], "iat": now, "exp": now + 300}
        claims |= {"sub": self.person["sub"], "nonce": begun.get("nonce"), **self.token}
        key = self.keys[self.signs_with]
        token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": self.signs_with})
        reply(handler, {"access_token": "opaque", "token_type": "Bearer", "id_token": token})

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def reply(handler: BaseHTTPRequestHandler, content: Any, status: int = 200) -> None:
    body = json.dumps(content).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
