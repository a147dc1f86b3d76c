"""Where a program's tokens are asked for and asked about, and what its discovery document says of that.

https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html
"""

from __future__ import annotations

from adapter.interactions.program import Program
from adapter.web.smart.scopes import LETTERS

TOKEN, INTROSPECT, REVOKE = "/oauth/token", "/oauth/introspect", "/oauth/revoke"
AUTHORIZE, LOGIN, CALLBACK = "/oauth/authorize", "/oauth/login", "/oauth/callback"
DISCOVERY = "/fhir/.well-known/smart-configuration"
ALGORITHMS = ("ES384", "RS384")


def root_of(program: Program) -> str:
    """Where the program stands, without `/fhir`: the issuer of its tokens."""
    return program.base_url.removesuffix("/fhir")


def audiences(program: Program) -> frozenset[str]:
    """What an assertion may be made for: the token endpoint, or the issuer; never the FHIR API."""
    root = root_of(program)
    return frozenset({f"{root}{TOKEN}", root} - {program.base_url})


def configuration(program: Program) -> dict[str, object]:
    """The discovery document: nothing is in it that does not work."""
    root = root_of(program)
    return {
        "issuer": root,
        "authorization_endpoint": f"{root}{AUTHORIZE}",
        "token_endpoint": f"{root}{TOKEN}",
        "introspection_endpoint": f"{root}{INTROSPECT}",
        "revocation_endpoint": f"{root}{REVOKE}",
        "response_types_supported": ["code"],
        "authorization_response_iss_parameter_supported": True,
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "scopes_supported": [f"{level}/*.{said}" for level in ("system", "user") for said in (LETTERS, *LETTERS)],
        "capabilities": [
            *("client-confidential-asymmetric", "client-public"),
            *("permission-user", "permission-v1", "permission-v2"),
        ],
        "code_challenge_methods_supported": ["S256"],
    }
