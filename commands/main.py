"""The command's entry. Nothing heavy is imported here: ``--version`` must answer at once."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # typing itself would cost more than the answer to --version
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (without the program's name) and return its exit code: 0, 1, 2 or 130."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] in ("--version", "-V"):
        from wizard import __version__

        sys.stdout.write(f"authwizard {__version__}\n")
        return 0
    import gc

    # what is imported stays to the end: the collector would only walk it again and again while it comes
    gc.set_threshold(200_000)
    if argv is None:
        import atexit

        # nor does the interpreter have to seek circles in what ends with it
        atexit.register(gc.freeze)
    from .dispatch import run

    return run(words)


if __name__ == "__main__":
    raise SystemExit(main())
