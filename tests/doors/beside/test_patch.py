"""The tests of ../test_patch.py, with a program beside it that is full."""

from tests.doors.test_patch import *  # noqa: F403
