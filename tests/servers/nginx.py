"""A real nginx (Debian: nginx-light) with a configuration of the test's own, as a process of its own on a free port.

Mark the tests that use it ``@pytest.mark.real("nginx")``: without the program they are skipped, and fail under CI.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

from servers.real import free_port

_MAIN = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 64; }}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  default_type application/json;
  server {{
    listen 127.0.0.1:{port};
    {server}
  }}
}}
"""


def program() -> str | None:
    """Where nginx is; Debian keeps it out of a person's PATH."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextlib.contextmanager
def nginx(server: str, **files: str) -> Iterator[str]:
    """Its address, from its first accepted connection until the block ends.

    ``server`` is what stands in the ``server`` block; ``{folder}`` in it is the folder that holds ``files`` (by name)
    and ``access.log``, ``{port}`` its port. Other braces are nginx's own.
    """
    found, port = program(), free_port()
    assert found, "nginx is not installed: apt-get install nginx-light"
    with tempfile.TemporaryDirectory(prefix="nginx-") as place:
        folder = Path(place)
        folder.chmod(0o755)  # the workers run as another user where the master is root
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        text = server.replace("{folder}", place).replace("{port}", str(port))
        config = folder / "nginx.conf"
        config.write_text(_MAIN.format(folder=place, port=port, server=text), encoding="utf-8")
        process = subprocess.Popen(
            [found, "-p", place, "-c", str(config), "-e", "stderr"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            _await(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stderr is not None:
                process.stderr.close()


def htpasswd(**users: str) -> str:
    """The lines of an ``auth_basic_user_file``, salted SHA-1 as nginx reads it on every system; in a user's name
    ``__`` stands for a backslash."""
    lines = []
    for user, password in users.items():
        salt = os.urandom(8)
        digest = hashlib.sha1(password.encode() + salt, usedforsecurity=False).digest()
        lines.append(f"{user.replace('__', chr(92))}:{{SSHA}}{b64encode(digest + salt).decode()}\n")
    return "".join(lines)


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            assert process.stderr is not None
            raise AssertionError(process.stderr.read().decode()[-2000:])
        assert time.monotonic() < deadline, "nginx did not start"
        time.sleep(0.02)
