#!/usr/bin/env python3
"""The one command line of adminui; on a bare machine it first installs what the command needs."""

import os
import sys

from adminui import bootstrap


def main(argv: list[str]) -> None:
    command = argv[1] if len(argv) > 1 else "help"
    bootstrap.ensure(bootstrap.level_for(command), argv)
    if command == "demo":
        os.environ.update(bootstrap.demo_environment())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adminui.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(argv)


if __name__ == "__main__":
    main(sys.argv)
