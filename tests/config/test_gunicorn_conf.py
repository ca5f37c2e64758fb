"""The desk as it is served: gunicorn with our settings of it, behind a proxy that ends TLS."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from tests.processes import OURS, ROOT, born, collected, good_key, production

pytestmark = pytest.mark.one_engine("a server's processes and logs; it serves from SQLite whatever the tests run on")

COMMAND = ["gunicorn", "--config", "python:config.gunicorn_conf"]
CANARY = "hoa.nguyen-canary"
THROUGH_THE_PROXY = {"Host": "desk.example.com", "X-Forwarded-Proto": "https"}


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def started(var: Path, port: int, **environment: str) -> subprocess.Popen[str]:
    """The server, as a container starts it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    whole = {**clean, **production(var), "PRIVACY_DESK_VAR": str(var), "STATIC_ROOT": str(collected())}
    whole |= {"SERVE_ON": f"127.0.0.1:{port}", "BEHIND_TLS_PROXY": "true", **environment}
    command = [str(Path(sys.executable).parent / COMMAND[0]), *COMMAND[1:]]
    return subprocess.Popen(command, env=whole, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a production desk on SQLite."""
    made = tmp_path_factory.mktemp("desk")
    born(made)
    return made


def asked(port: int, path: str, **headers: str) -> HTTPResponse:
    """The answer of a server that may still be starting."""
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", path, headers=headers)
            return connection.getresponse()
        except ConnectionRefusedError:
            time.sleep(0.1)


@pytest.fixture
def port(var: Path) -> Iterator[int]:
    """Where a server listens; it is stopped as a container is."""
    chosen = free_port()
    server = started(var, chosen)
    try:
        asked(chosen, "/login/", **THROUGH_THE_PROXY)
        yield chosen
    finally:
        server.send_signal(signal.SIGTERM)
        out, err = server.communicate(timeout=60)
    assert (server.returncode, out) == (0, "")
    assert CANARY not in err
    lines = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    assert any("Listening at" in line.get("message", "") for line in lines)
    assert any(line["level"] == "WARNING" and "where" in line for line in lines)  # the request that was none


def test_it_serves_through_a_proxy_logs_nothing_that_was_asked_and_stops_when_told(port: int) -> None:
    signing_in = asked(port, f"/login/?next=/{CANARY}", **THROUGH_THE_PROXY)
    assert signing_in.status == 200
    assert b"Privacy Desk" in signing_in.read()
    bare = asked(port, f"/login/?q={CANARY}", Host="desk.example.com")
    assert (bare.status, bare.getheader("Location", "").partition("?")[0]) == (301, "https://desk.example.com/login/")
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(f"GET /{CANARY} {CANARY} HTTP/1.1\r\n\r\n".encode())
        assert line.recv(4096).startswith(b"HTTP/1.1 400")


def test_what_must_hold_is_said_once_and_ends_the_server(var: Path) -> None:
    server = started(var, free_port(), BLIND_INDEX_KEY=good_key(9))
    _out, err = server.communicate(timeout=120)
    assert server.returncode not in (0, None)
    assert err.count("vault.E007") == 1
    assert good_key(9) not in err
