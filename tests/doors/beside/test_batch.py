"""The tests of ../test_batch.py, with a program beside it that is full."""

from tests.doors.test_batch import *  # noqa: F403
