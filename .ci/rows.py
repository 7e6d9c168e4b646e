"""Print the feature rows that a passed test showed, and those that none did."""

import sys
from pathlib import Path

ROWS = [
    f"{letter}{n}"
    for letter, count in zip("FLAGU", (9, 8, 14, 12, 9), strict=True)
    for n in range(1, count + 1)
]

shown = set(Path(sys.argv[1]).read_text(encoding="utf-8").split())
unknown = shown.difference(ROWS)
print("shown by a test:", " ".join(r for r in ROWS if r in shown) or "none")
print("without a test: ", " ".join(r for r in ROWS if r not in shown) or "none")
if unknown:
    sys.exit(f"rows that do not exist: {' '.join(sorted(unknown))}")
