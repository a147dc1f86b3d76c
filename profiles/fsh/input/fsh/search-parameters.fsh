// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Instance: born
InstanceOf: SearchParameter
Title: "Search by born"
Usage: #definition
* url = "https://iop-fhir-adapter.org/fhir/SearchParameter/born"
* name = "IopBorn"
* status = #active
* experimental = false
* description = "The birth date to the letter: found by an index among any number of people, as $match needs it."
* code = #born
* base[0] = #Patient
* type = #token
* expression = "Patient.birthDate"
* xpathUsage = #normal

Instance: episode
InstanceOf: SearchParameter
Title: "Search by episode"
Usage: #definition
* url = "https://iop-fhir-adapter.org/fhir/SearchParameter/episode"
* name = "IopEpisode"
* status = #active
* experimental = false
* description = "The episode of care that a record belongs to: by R4's own element, else the standard extension, else ours."
* code = #episode
* base[0] = #Encounter
* base[1] = #Observation
* base[2] = #Procedure
* base[3] = #CarePlan
* base[4] = #CareTeam
* base[5] = #Condition
* base[6] = #DiagnosticReport
* base[7] = #ServiceRequest
* base[8] = #Communication
* base[9] = #QuestionnaireResponse
* base[10] = #Appointment
* base[11] = #Goal
* base[12] = #MedicationRequest
* base[13] = #Task
* base[14] = #Flag
* base[15] = #Claim
* base[16] = #Coverage
* base[17] = #Consent
* base[18] = #DocumentReference
* base[19] = #AllergyIntolerance
* base[20] = #ClaimResponse
* base[21] = #MedicationAdministration
* base[22] = #MedicationStatement
* type = #reference
* expression = "Encounter.episodeOfCare | Observation.extension('http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare').value.as(Reference) | Procedure.extension('http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare').value.as(Reference) | CarePlan.extension('http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare').value.as(Reference) | CareTeam.extension('http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare').value.as(Reference) | Condition.extension('http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare').value.as(Reference) | DiagnosticReport.extension('http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare').value.as(Reference) | ServiceRequest.extension('http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare').value.as(Reference) | Communication.extension('http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare').value.as(Reference) | QuestionnaireResponse.extension('http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare').value.as(Reference) | Appointment.extension('https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link').value.as(Reference) | Goal.extension('https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link').value.as(Reference) | MedicationRequest.extension('https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link').value.as(Reference) | Task.extension('https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link').value.as(Reference) | Flag.extension('https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link').value.as(Reference) | Claim.extension('https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link').value.as(Reference) | Coverage.extension('https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link').value.as(Reference) | Consent.extension('https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link').value.as(Reference) | DocumentReference.extension('https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link').value.as(Reference) | AllergyIntolerance.extension('https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link').value.as(Reference) | ClaimResponse.extension('https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link').value.as(Reference) | MedicationAdministration.extension('https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link').value.as(Reference) | MedicationStatement.extension('https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link').value.as(Reference)"
* xpathUsage = #normal
* target[0] = #EpisodeOfCare

Instance: meeting
InstanceOf: SearchParameter
Title: "Search by meeting"
Usage: #definition
* url = "https://iop-fhir-adapter.org/fhir/SearchParameter/meeting"
* name = "IopMeeting"
* status = #active
* experimental = false
* description = "The group meeting that a booking or session was part of: one id shared by all who came, never who they are."
* code = #meeting
* base[0] = #Encounter
* base[1] = #Appointment
* type = #token
* expression = "Encounter.extension('https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-group-session').extension('meeting').value.as(string) | Appointment.extension('https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-group-session').extension('meeting').value.as(string)"
* xpathUsage = #normal
