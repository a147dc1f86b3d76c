"""The tests of ../test_search.py, with a program beside it that is full."""

from tests.doors.test_search import *  # noqa: F403
