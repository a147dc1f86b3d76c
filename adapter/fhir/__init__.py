"""FHIR R4 as data: definitions, JSON, the door in, search parameters, references. Pure, and cheap to import.

https://hl7.org/fhir/R4/resource.html
"""
