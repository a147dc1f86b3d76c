"""The tests of ../test_xml.py, with a program beside it that is full."""

from tests.doors.test_xml import *  # noqa: F403
