"""The pages that a browser sees on the way to a token: the log-in form, and what is wrong with a request for it.

No script, nothing from elsewhere; kept by nobody, in no frame. https://www.w3.org/TR/WCAG21/
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from urllib.parse import urlsplit

from adapter.consent.gate import publish
from adapter.web.writer import Header, Reply

HTML: Header = (b"content-type", b"text/html; charset=utf-8")
_STYLE = """
:root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif; }
body { max-width: 26rem; margin: 3rem auto; padding: 0 1rem; }
label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit; }
label { margin-top: 1rem; }
input, button { padding: .5rem; }
button { margin-top: 1.5rem; }
[role=alert] { border-left: .3rem solid; padding-left: .7rem; font-weight: bold; }
"""
_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
WRONG = (
    "The name, the password or the code is not right, the code was used before, or there have been too many attempts."
    " Wait for a new code and try again; after five attempts wait five minutes."
)
"""One text for whatever was wrong: it tells nobody which names there are."""


def login_page(app: str, program: str, action: str, request: str, redirect_uri: str, *, wrong: bool = False) -> Reply:
    """The form; `request` is what it sends back, sealed, and `redirect_uri` where its answer may lead."""
    alert = f'<p role="alert" id="wrong">{escape(WRONG)}</p>' if wrong else ""
    told = ' aria-describedby="wrong" aria-invalid="true"' if wrong else ""
    body = f"""<h1>Log in</h1>
<p>{escape(app)} asks to work for you with the records of {escape(program)}.</p>
{alert}
<form method="post" action="{escape(action)}">
<input type="hidden" name="request" value="{escape(request)}">
<label for="name">Name</label>
<input id="name" name="name" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus{told}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required{told}>
<label for="code">One-time code</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required{told}>
<button type="submit">Log in</button>
<button type="submit" name="cancel" value="1" formnovalidate>Cancel</button>
</form>"""
    return _page(403 if wrong else 200, "Log in", body, f"'self' {origin_of(redirect_uri)}")


def refusal_page(status: int, why: str) -> Reply:
    """What is told where nobody may be sent back."""
    return _page(status, "Not possible", f'<h1>Not possible</h1>\n<p role="alert">{escape(why)}</p>', "'none'")


def sent_back(address: str, *headers: Header) -> Reply:
    """The browser goes on to another address, by GET."""
    return Reply(303, None, [(b"location", address.encode()), *headers], _standing("'none'"))


def origin_of(address: str) -> str:
    """Where an address leads, as a policy names it: an origin, or the scheme of an app."""
    said = urlsplit(address)
    return f"{said.scheme}://{said.netloc}" if said.netloc else f"{said.scheme}:"


def _page(status: int, title: str, body: str, forms: str) -> Reply:
    page = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
    return Reply(status, publish(page.encode()), [HTML], _standing(forms))


def _standing(forms: str) -> tuple[Header, ...]:
    # A browser holds the answer to a form to `form-action` too, so the app that it leads back to is named.
    policy = (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action {forms}; frame-ancestors 'none'; base-uri 'none'"
    )
    return (
        (b"cache-control", b"no-store"),
        (b"pragma", b"no-cache"),
        (b"content-security-policy", policy.encode()),
        (b"x-frame-options", b"DENY"),
        (b"x-content-type-options", b"nosniff"),
        # With `no-referrer` a browser would not say either where the form came from.
        (b"referrer-policy", b"same-origin"),
    )
