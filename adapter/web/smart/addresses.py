"""Where a program's tokens are asked for and asked about, and what its discovery document says of that.

https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html
"""

from __future__ import annotations

from adapter.interactions.program import Program
from adapter.web.smart.scopes import LETTERS

TOKEN, INTROSPECT = "/oauth/token", "/oauth/introspect"
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
        "token_endpoint": f"{root}{TOKEN}",
        "introspection_endpoint": f"{root}{INTROSPECT}",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": [f"system/*.{LETTERS}", *(f"system/*.{letter}" for letter in LETTERS)],
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
        # SMART requires it of everybody; there is no authorization endpoint here to which it could matter.
        "code_challenge_methods_supported": ["S256"],
    }
