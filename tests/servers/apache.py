"""A real Apache httpd (Debian: apache2-bin) with a configuration of the test's own, as a process of its own on a free
port; CGI programs are scripts of the shell.

Mark the tests that use it ``@pytest.mark.real("apache2")``: without the program they are skipped, and fail under CI.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from servers.real import free_port

_MODULES: Final = Path("/usr/lib/apache2/modules")
_LOADED: Final = (
    "mpm_prefork",
    "authz_core",
    "alias",
    "cgi",
    "headers",
    "env",
    "setenvif",
    "proxy",
    "proxy_http",
)
_MAIN: Final = """
ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/apache.pid
Mutex file:{folder} default
ErrorLog {folder}/error.log
ServerTokens Full
User {user}
Group {group}
StartServers 2
MinSpareServers 1
MaxSpareServers 3
{modules}
{server}
"""


def program() -> str | None:
    """Where httpd is; Debian keeps it out of a person's PATH."""
    return shutil.which("apache2", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextlib.contextmanager
def apache(server: str, **scripts: str) -> Iterator[str]:
    """Its address, from its first accepted connection until the block ends.

    ``server`` are lines of the configuration; ``{folder}`` in it is the folder that holds the ``scripts`` (by name),
    each of which the shell runs: the user of the workers may not be able to read this Python.
    """
    found, port = program(), free_port()
    assert found, "Apache httpd is not installed: apt-get install apache2-bin"
    with tempfile.TemporaryDirectory(prefix="apache-") as place:
        folder = Path(place)
        folder.chmod(0o755)  # the children run as another user where the parent is root
        for name, text in scripts.items():
            (folder / name).write_text(f"#!/bin/sh\n{text}", encoding="utf-8")
            (folder / name).chmod(0o755)
        loaded = "\n".join(
            f"LoadModule {name}_module {path}"
            for name in _LOADED
            if (path := _MODULES / f"mod_{name}.so").exists()
        )
        user, group = (
            ("www-data", "www-data") if os.geteuid() == 0 else (f"#{os.geteuid()}", f"#{os.getegid()}")
        )
        config = folder / "httpd.conf"
        text = server.replace("{folder}", place)
        config.write_text(
            _MAIN.format(folder=place, port=port, user=user, group=group, modules=loaded, server=text),
            encoding="utf-8",
        )
        process = subprocess.Popen(
            [found, "-D", "FOREGROUND", "-f", str(config)],
            env={"PATH": os.environ.get("PATH", "")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,  # at its end it ends its whole process group
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


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            assert process.stderr is not None
            raise AssertionError(process.stderr.read().decode()[-2000:])
        assert time.monotonic() < deadline, "Apache did not start"
        time.sleep(0.02)
