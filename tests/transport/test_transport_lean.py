"""What httpx and httpcore would import, or seek, for nothing."""

from __future__ import annotations

import subprocess
import sys

_CODE = """
import sys
from wizard.lean import httpx_alone
httpx_alone()
import httpcore._synchronization as inner
assert "httpx._main" not in sys.modules
assert "sniffio" in sys.modules
sought = []
class Seeker:
    def find_spec(self, name, path=None, target=None):
        sought.append(name)
sys.meta_path.insert(0, Seeker())
assert inner.current_async_library() == "asyncio"
assert not sought, sought
"""


def test_nothing_is_sought_at_each_step() -> None:
    subprocess.run([sys.executable, "-c", _CODE], check=True)
