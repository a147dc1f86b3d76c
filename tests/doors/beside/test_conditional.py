"""The tests of ../test_conditional.py, with a program beside it that is full."""

from tests.doors.test_conditional import *  # noqa: F403
