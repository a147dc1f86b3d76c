"""The tests of ../test_transaction.py, with a program beside it that is full."""

from tests.doors.test_transaction import *  # noqa: F403
