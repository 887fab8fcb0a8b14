"""A service that answers 200 to whomever keystonemiddleware lets in: what Nova, Neutron and Cinder have before them."""
import os

from keystonemiddleware import auth_token


def answer(_environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"let in\n"]


application = auth_token.AuthProtocol(
    answer,
    {
        "service_type": os.environ["SERVICE_TYPE"],
        "auth_type": "password",
        "auth_url": os.environ["AUTH_URL"],
        "username": os.environ["SERVICE_USER"],
        "password": os.environ["SERVICE_PASSWORD"],
        "project_name": "service",
        "user_domain_name": "Default",
        "project_domain_name": "Default",
        "service_token_roles_required": True,
    },
)
