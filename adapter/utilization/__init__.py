"""The journey of utilization: hours, attendance, program days and units, use of authorizations, flat tables."""
