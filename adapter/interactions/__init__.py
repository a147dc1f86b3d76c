"""What can be done with a record: FHIR's RESTful interactions and the program's own verbs, one file for each.

https://hl7.org/fhir/R4/http.html
"""
