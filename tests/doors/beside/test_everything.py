"""The tests of ../test_everything.py, with a program beside it that is full."""

from tests.doors.test_everything import *  # noqa: F403
