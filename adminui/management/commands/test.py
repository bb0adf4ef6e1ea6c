"""`manage.py test [pytest arguments]`: the tests run by pytest, on several processors unless told otherwise."""

import os
import sys

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Runs the tests; whatever follows goes to pytest as it is."

    def run_from_argv(self, argv: list[str]) -> None:
        # In a process of its own, so that the settings are read knowing that this is a test run.
        os.chdir(settings.BASE_DIR)
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *pytest_arguments(argv[2:])])


def pytest_arguments(given: list[str]) -> list[str]:
    """With several processes nothing is printed: whoever asks for that, as with benchmarks, has one."""
    alone = any(argument.startswith(("-n", "--numprocesses", "--pdb", "-s")) for argument in given)
    return given if alone else ["-n", "auto", "--maxprocesses=4", "--dist=worksteal", *given]
