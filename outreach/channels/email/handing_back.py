"""The header in which a provider takes our token along and hands it back with all that it tells of the mail.

Opens, clicks and complaints name the mail by the provider's own key alone, so the token is what surely leads home.
Providers whose facts hold our Message-ID, or their key that stood in their answer, need none.
"""

import json
from urllib.parse import urlsplit

from gtmos.env import Environment, env

NAME = "touch"


def carrier(settings: Environment = env) -> str:
    """The host of the server that carries our mail; empty while nothing leaves the machine."""
    return "" if settings.sandbox else (urlsplit(settings.email_url).hostname or "").lower()


def token_header(server: str, token: str) -> tuple[str, str] | None:
    """Name and value for a mail that leaves by this server; none where it is not a provider's that we know."""
    if server.endswith(".postmarkapp.com"):
        return f"X-PM-Metadata-{NAME}", token
    for suffix, (header, place) in IN_JSON.items():
        if server.endswith(suffix):
            value = {NAME: token}
            return header, json.dumps({place: value} if place else value)
    return None


# By the end of the server's name: the header, and where inside its JSON the token belongs.
IN_JSON = {
    ".sendgrid.net": ("X-SMTPAPI", "unique_args"),
    ".mailgun.org": ("X-Mailgun-Variables", ""),
    ".mailjet.com": ("X-MJ-EventPayload", ""),
    ".brevo.com": ("X-Mailin-custom", ""),
    ".sendinblue.com": ("X-Mailin-custom", ""),
    ".sparkpostmail.com": ("X-MSYS-API", "metadata"),
    ".mailtrap.io": ("X-MT-Custom-Variables", ""),
}
