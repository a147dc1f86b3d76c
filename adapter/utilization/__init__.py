"""The journey of utilization: hours, attendance, program days, units, what of an authorization is used, and flat tables."""
