"""The journey of utilization: hours, attendance, program days, units, and what of an authorization is used."""
