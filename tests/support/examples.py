"""How many examples a property test tries: a quarter in the README's command, all of them in `.ci/run`'s long part."""

import os


def examples(full: int) -> int:
    """The number for this run."""
    return full if os.environ.get("AUTHWIZARD_CI_LONG") else max(10, full // 4)
