"""Journey: records to and from partners' FHIR servers, pulled and pushed."""
