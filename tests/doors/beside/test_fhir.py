"""The tests of ../test_fhir.py, with a program beside it that is full."""

from tests.doors.test_fhir import *  # noqa: F403
