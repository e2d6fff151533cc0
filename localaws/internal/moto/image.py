"""Keeps what moto holds in a file, and puts it back.

1. A request to IMAGE_PATH writes everything that moto's backends hold to the file that
   LOCALAWS_IMAGE_SAVE names. No other request runs meanwhile, so the file has no half of a
   transaction. Only who waits for messages goes on waiting, because it may take 20 seconds.
2. The file that LOCALAWS_IMAGE_LOAD names is read before the first request.

pickle takes moto's objects as they are, except locks, keys, certificates and functions
within functions. Backends of other partitions of AWS are left out: IAM makes each with all
managed policies, and nothing here is in them.
"""

import io
import json
import marshal
import os
import pickle
import sys
import threading
import types

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from moto.core.base_backend import AccountSpecificBackend, BackendDict
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

IMAGE_PATH = "/_localaws/image"
# A message that is received while the file is written may change what is being read.
IMAGE_ATTEMPTS = 10

LOCKS = {type(make()): make for make in (threading.Lock, threading.RLock)}


class Gate:
    """Lets requests through together, or one through alone."""

    def __init__(self):
        self.changed = threading.Condition()
        self.inside = 0
        self.closed = False

    def enter(self):
        with self.changed:
            self.changed.wait_for(lambda: not self.closed)
            self.inside += 1

    def leave(self):
        with self.changed:
            self.inside -= 1
            self.changed.notify_all()

    def close(self):
        with self.changed:
            self.changed.wait_for(lambda: not self.closed)
            self.closed = True
            self.changed.wait_for(lambda: self.inside == 0)

    def open(self):
        with self.changed:
            self.closed = False
            self.changed.notify_all()


class ImagePickler(pickle.Pickler):
    def reducer_override(self, value):
        kind = type(value)
        if kind in LOCKS:
            return LOCKS[kind], ()
        if isinstance(value, RSAPrivateKey):
            text = value.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            return restored_key, (text,)
        if isinstance(value, x509.Certificate):
            return restored_certificate, (value.public_bytes(serialization.Encoding.PEM),)
        if kind is types.FunctionType and "<locals>" in value.__qualname__:
            closure = tuple(cell.cell_contents for cell in value.__closure__ or ())
            return restored_function, (marshal.dumps(value.__code__), value.__module__, value.__defaults__, closure)
        return NotImplemented

    def persistent_id(self, value):
        """What every process has for itself."""
        if isinstance(value, BackendDict):
            return value.backend, None
        if isinstance(value, AccountSpecificBackend):
            return value.backend, value.account_id
        return None


class ImageUnpickler(pickle.Unpickler):
    def persistent_load(self, name):
        backend, account = name
        return all_backends(backend) if account is None else all_backends(backend)[account]


def restored_key(text):
    return serialization.load_pem_private_key(text, None)


def restored_certificate(text):
    return x509.load_pem_x509_certificate(text)


def restored_function(code, module, defaults, closure):
    __import__(module)
    cells = tuple(types.CellType(value) for value in closure)
    return types.FunctionType(marshal.loads(code), vars(sys.modules[module]), None, defaults, cells)


def all_backends(backend):
    """The backends of all accounts and regions, by their class."""
    for value in vars(sys.modules[backend.__module__]).values():
        if isinstance(value, BackendDict) and value.backend is backend:
            return value
    raise LookupError(f"moto has no {backend.__module__} any more")


def save_image(path):
    found = [
        (backends.backend, account, region, held)
        for backends in list(dict.fromkeys(BackendDict._instances))
        for account, region, held in list(backends.iter_backends())
        if not region.startswith("aws-")
    ]
    with open(path, "wb") as file:
        ImagePickler(file, pickle.HIGHEST_PROTOCOL).dump(found)
        file.flush()
        os.fsync(file.fileno())


def load_image(path):
    with open(path, "rb") as file:
        for backend, account, region, held in ImageUnpickler(file).load():
            dict.__setitem__(all_backends(backend)[account], region, held)


def waits(environ):
    """Whether a request waits for messages."""
    if environ.get("HTTP_X_AMZ_TARGET") != "AmazonSQS.ReceiveMessage" or not environ.get("CONTENT_LENGTH"):
        return False
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    environ["wsgi.input"] = io.BytesIO(body)
    try:
        return json.loads(body).get("WaitTimeSeconds", 0) > 0
    except (ValueError, AttributeError, TypeError):
        return False  # moto says what is wrong with it


def keep_image(path):
    """Answers requests for the image, and keeps others out meanwhile."""
    gate = Gate()
    original = DomainDispatcherApplication.__call__

    def answer(start_response):
        try:
            for attempt in range(IMAGE_ATTEMPTS):
                try:
                    save_image(path)
                    break
                except RuntimeError:  # something changed its size
                    if attempt == IMAGE_ATTEMPTS - 1:
                        raise
            status, text = "200 OK", b""
        except Exception as error:
            status, text = "500 Internal Server Error", f"{type(error).__name__}: {error}".encode()
        start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
        return [text]

    def call(app, environ, start_response):
        if environ.get("PATH_INFO") == IMAGE_PATH:
            gate.close()
            try:
                return answer(start_response)
            finally:
                gate.open()
        if waits(environ):
            return original(app, environ, start_response)
        gate.enter()
        try:
            return original(app, environ, start_response)
        finally:
            gate.leave()

    DomainDispatcherApplication.__call__ = call


if "LOCALAWS_IMAGE_LOAD" in os.environ:
    load_image(os.environ["LOCALAWS_IMAGE_LOAD"])
if "LOCALAWS_IMAGE_SAVE" in os.environ:
    keep_image(os.environ["LOCALAWS_IMAGE_SAVE"])
