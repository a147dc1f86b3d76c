"""The tests of ../test_history.py, with a program beside it that is full."""

from tests.doors.test_history import *  # noqa: F403
