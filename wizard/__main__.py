"""``python -m wizard`` does what ``authwizard`` does; the one module here that may look upwards."""

from commands.main import main

if __name__ == "__main__":
    raise SystemExit(main())
