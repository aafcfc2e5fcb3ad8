"""A cluster that cannot be reached is refused in one line, at once; a connection leaves signals as they were."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from evenhand import ray_cluster
from evenhand.errors import InputError


class _Ray:
    """Stands for Ray: notes how it is called."""

    def __init__(self, refusal=None, initialized=False):
        self.given, self.open, self.refusal, self.shut = None, initialized, refusal, 0

    def is_initialized(self):
        return self.open

    def init(self, **given):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(15))
        self.given = {name: given[name] for name in ("address", "include_dashboard") if name in given}
        if self.refusal is not None:
            raise self.refusal

    def shutdown(self):
        self.shut += 1


@pytest.fixture
def ray(monkeypatch):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    ray = _Ray()
    monkeypatch.setattr(ray_cluster, "load", lambda: ray)
    return ray


@pytest.fixture
def server():
    """Answer connections, one after the other, with the bytes of ``says``; the port is ``port``."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = SimpleNamespace(port=listening.getsockname()[1], says=b"")

    def serve():
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(100)
                connection.sendall(server.says)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


def connect(address):
    with ray_cluster.connected(address):
        pass


@pytest.mark.parametrize(
    ("address", "given"),
    [
        (None, {"address": None}),
        ("auto", {"address": "auto"}),
        ("local", {"address": "local", "include_dashboard": False}),
    ],
)
def test_ray_gets_the_address_and_is_left_at_the_end(ray, address, given):
    connect(address)
    assert (ray.given, ray.shut) == (given, 1)


def test_a_connection_of_the_caller_stays(ray):
    ray.open = True
    connect("127.0.0.1:1")
    assert (ray.given, ray.shut) == (None, 0)


def test_the_handler_of_sigterm_is_kept(ray):
    before = signal.getsignal(signal.SIGTERM)
    connect(None)
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_first_line_of_a_refusal_is_told(ray):
    ray.refusal = ConnectionError("\nCould not find any running Ray instance.\nPlease ...")
    with pytest.raises(InputError, match=r"^Ray cannot be reached: Could not find any running Ray instance\.$"):
        connect("auto")
    assert ray.shut == 1


def test_nobody_answers(ray, monkeypatch):
    with pytest.raises(InputError, match=r"^Ray cannot be reached: there is no answer from '127\.0\.0\.1:1' \("):
        connect("127.0.0.1:1")
    with pytest.raises(InputError, match=r"there is no answer from '127\.0\.0\.1:99999' \("):
        connect("127.0.0.1:99999")
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    for address in (None, "auto"):
        with pytest.raises(InputError, match=r"there is no answer from RAY_ADDRESS '127\.0\.0\.1:1' \("):
            connect(address)
    assert ray.given is None


def test_somebody_else_answers(ray, server):
    server.says = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    with pytest.raises(InputError, match=rf"what answers at '127\.0\.0\.1:{server.port}' is not the head of a Ray"):
        connect(f"127.0.0.1:{server.port}")
    server.says = b""
    with pytest.raises(InputError, match="is not the head of a Ray cluster"):
        connect(f"127.0.0.1:{server.port}")
    assert ray.given is None


def test_a_head_answers(ray, server):
    server.says = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
    connect(f"127.0.0.1:{server.port}")
    assert ray.given == {"address": f"127.0.0.1:{server.port}"}


def test_ray_is_not_loaded_before_it_is_used():
    code = "import sys, evenhand.ray_cluster; sys.exit('ray' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
