"""Turns HL7's own R4 definitions into the compact data of `profiles/r4`; a development tool, never used at run time.

https://hl7.org/fhir/R4/downloads.html
"""
