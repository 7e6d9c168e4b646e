"""Print the README's command of the code block after ``<!-- command: NAME -->``: one source for people and CI."""

import re
import sys
from pathlib import Path

name = sys.argv[1]
text = Path("README.md").read_text(encoding="utf-8")
found = re.search(rf"<!-- command: {re.escape(name)} -->\s*```sh\n(.*?)```", text, re.S)
if found is None:
    sys.exit(f"README.md has no command named {name}")
print(found[1].strip())
