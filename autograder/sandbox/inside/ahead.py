"""boto3 clients and resources made ahead: in the zygote, once, and not in every environment.

Making one takes as long as several calls with it. Those that the source is likely to ask for are
made here with the environment variables of the first fork, and each is handed out once by the
default session, where boto3 would make its equal. Whenever that is in doubt (other arguments, other
environment variables, event handlers on the session), boto3 makes one as usual.
"""

import gc
import os
import re
from typing import Any

import boto3
import botocore.credentials

_COPIES = 2  # of each: code may well ask twice, for a module's client and for a function's
_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_READ_BY_BOTOCORE = re.compile(r"(AWS_|BOTO|REQUESTS_|SSL).*|.*_proxy", re.IGNORECASE)


def _settings(environ, but=()):
    """The variables that a client depends on."""
    return {
        name: value
        for name, value in environ.items()
        if name not in but and _READ_BY_BOTOCORE.fullmatch(name)
    }


class Ahead:
    """Clients, and classes of resources, that the default session hands out."""

    def __init__(self, services, words):
        """`words`: the source's, in lower case; of a service's resources those it names are made."""
        self._services = services
        self._words = words
        self._made_with = None
        self._all_settings = None
        self._clients = {}
        self._classes = {}
        self._session: Any = None

    def prepare(self, environ):
        """Make everything for environments like this one, unless that is done."""
        if self._made_with is not None or "AWS_ENDPOINT_URL" not in environ:
            return
        kept = dict(os.environ)
        os.environ.clear()
        os.environ.update(environ)
        self._made_with = _settings(environ, but=_CREDENTIALS)
        try:
            self._make()
        except Exception:  # a botocore of another build: clients are then made as usual
            self._session = None
            boto3.setup_default_session()
        finally:
            os.environ.clear()
            os.environ.update(kept)
        gc.freeze()

    def _make(self):
        session = self._session = boto3.session.Session()
        core: Any = session._session
        factory: Any = session.resource_factory
        credentials = core.get_credentials()
        if type(credentials) is not botocore.credentials.Credentials:
            raise TypeError("credentials of a kind that cannot be replaced")
        core.create_client = self._recorded(core.create_client, self._clients, _client_key)
        factory.load_from_definition = self._recorded(
            factory.load_from_definition, self._classes, _class_key
        )
        for service in self._services:
            for _ in range(_COPIES):
                session.client(service)
                if service in session.get_available_resources():
                    self._make_classes(session.resource(service))
        core.create_client = self._client
        factory.load_from_definition = self._class
        self._lookups = self._emitter()._lookup_cache
        boto3.DEFAULT_SESSION = session

    def _make_classes(self, resource):
        for action in resource.meta.resource_model.subresources:
            if any(action.resource.type.lower() in word for word in self._words):
                names = ["x" for _ in action.resource.identifiers]
                getattr(resource, action.name)(*names)

    @staticmethod
    def _recorded(make, shelf, key):
        def made(*args, **kwargs):
            product = make(*args, **kwargs)
            shelf.setdefault(key(*args, **kwargs), []).append(product)
            return product

        return made

    def adopt(self):
        """In a new environment, whose variables are set: make the session that process's own."""
        self._all_settings = _settings(os.environ)
        if self._session is None:
            return
        core = self._session._session
        own = core.get_component("credential_provider").load_credentials()
        alike = type(own) is type(core._credentials)
        if alike and self._made_with == _settings(os.environ, but=_CREDENTIALS):
            vars(core._credentials).update(vars(own))
        else:
            self._session = None
            boto3.setup_default_session()

    def _client(self, *args, **kwargs):
        product = self._from(self._clients, _client_key, args, kwargs)
        core = self._session._session
        return product or type(core).create_client(core, *args, **kwargs)

    def _class(self, *args, **kwargs):
        product = self._from(self._classes, _class_key, args, kwargs)
        factory = self._session.resource_factory
        return product or type(factory).load_from_definition(factory, *args, **kwargs)

    def _from(self, shelf, key, args, kwargs):
        """Something made ahead, if boto3 would make its equal now; else None."""
        core = self._session._session
        if _settings(os.environ) != self._all_settings:
            core._credentials = None  # to be read again
            self._all_settings = _settings(os.environ)
            self._clients.clear()
        if core._client_config or core._session_instance_vars:
            self._clients.clear()
        if self._emitter()._lookup_cache is not self._lookups:  # it is, until a handler registers
            self._clients.clear()
            self._classes.clear()
        try:
            return shelf[key(*args, **kwargs)].pop()
        except (LookupError, TypeError):
            return None

    def _emitter(self):
        return self._session._session.get_component("event_emitter")._emitter


def _client_key(service, **kwargs):
    if kwargs.get("region_name") == os.environ.get("AWS_DEFAULT_REGION"):
        kwargs["region_name"] = None  # it is what None means
    config = kwargs.pop("config", None)
    options = None if config is None else repr(config._user_provided_options)
    return service, options, tuple(sorted(kwargs.items()))


def _class_key(resource_name, single_resource_json_definition, service_context):
    return service_context.service_name, resource_name
