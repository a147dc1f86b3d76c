// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Instance: iop-credential
InstanceOf: ConceptMap
Title: "Credential: what is read"
Usage: #definition
* url = "https://iop-fhir-adapter.org/fhir/ConceptMap/iop-credential"
* name = "IopCredentialMap"
* title = "Credential: what is read"
* status = #active
* experimental = false
* description = "Codes that are read as credential and never written."
* targetCanonical = "https://iop-fhir-adapter.org/fhir/ValueSet/iop-credential"
* group[0].source = "http://terminology.hl7.org/CodeSystem/v2-0360/2.7"
* group[0].target = "http://terminology.hl7.org/CodeSystem/v2-0360"
* group[0].element[0].code = #MD
* group[0].element[0].target[0].code = #MD
* group[0].element[0].target[0].display = "Doctor of Medicine"
* group[0].element[0].target[0].equivalence = #equivalent
* group[0].element[1].code = #DO
* group[0].element[1].target[0].code = #DO
* group[0].element[1].target[0].display = "Doctor of Osteopathy"
* group[0].element[1].target[0].equivalence = #equivalent
* group[0].element[2].code = #PHD
* group[0].element[2].target[0].code = #PHD
* group[0].element[2].target[0].display = "Doctor of Philosophy"
* group[0].element[2].target[0].equivalence = #equivalent
* group[0].element[3].code = #NP
* group[0].element[3].target[0].code = #NP
* group[0].element[3].target[0].display = "Nurse Practitioner"
* group[0].element[3].target[0].equivalence = #equivalent
* group[0].element[4].code = #PA
* group[0].element[4].target[0].code = #PA
* group[0].element[4].target[0].display = "Physician Assistant"
* group[0].element[4].target[0].equivalence = #equivalent
* group[0].element[5].code = #RN
* group[0].element[5].target[0].code = #RN
* group[0].element[5].target[0].display = "Registered Nurse"
* group[0].element[5].target[0].equivalence = #equivalent
* group[0].element[6].code = #MA
* group[0].element[6].target[0].code = #MA
* group[0].element[6].target[0].display = "Master of Arts"
* group[0].element[6].target[0].equivalence = #equivalent
* group[0].element[7].code = #MS
* group[0].element[7].target[0].code = #MS
* group[0].element[7].target[0].display = "Master of Science"
* group[0].element[7].target[0].equivalence = #equivalent
* group[0].element[8].code = #BA
* group[0].element[8].target[0].code = #BA
* group[0].element[8].target[0].display = "Bachelor of Arts"
* group[0].element[8].target[0].equivalence = #equivalent
* group[0].element[9].code = #BS
* group[0].element[9].target[0].code = #BS
* group[0].element[9].target[0].display = "Bachelor of Science"
* group[0].element[9].target[0].equivalence = #equivalent

Instance: iop-discipline
InstanceOf: ConceptMap
Title: "Discipline: what is read"
Usage: #definition
* url = "https://iop-fhir-adapter.org/fhir/ConceptMap/iop-discipline"
* name = "IopDisciplineMap"
* title = "Discipline: what is read"
* status = #active
* experimental = false
* description = "Codes that are read as discipline and never written."
* targetCanonical = "https://iop-fhir-adapter.org/fhir/ValueSet/iop-discipline"
* group[0].source = "http://nucc.org/provider-taxonomy"
* group[0].target = "https://iop-fhir-adapter.org/fhir/CodeSystem/discipline"
* group[0].element[0].code = #171M00000X
* group[0].element[0].target[0].code = #case-manager
* group[0].element[0].target[0].display = "Case manager"
* group[0].element[0].target[0].equivalence = #relatedto
* group[0].element[0].target[0].comment = "Read as the target; nobody publishes how the two are related."

Instance: iop-instrument
InstanceOf: ConceptMap
Title: "Instrument: what is read"
Usage: #definition
* url = "https://iop-fhir-adapter.org/fhir/ConceptMap/iop-instrument"
* name = "IopInstrumentMap"
* title = "Instrument: what is read"
* status = #active
* experimental = false
* description = "Codes that are read as instrument and never written."
* targetCanonical = "https://iop-fhir-adapter.org/fhir/ValueSet/iop-instrument"
* group[0].source = "http://loinc.org"
* group[0].target = "http://loinc.org"
* group[0].element[0].code = #44249-1
* group[0].element[0].target[0].code = #44261-6
* group[0].element[0].target[0].display = "Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]"
* group[0].element[0].target[0].equivalence = #relatedto
* group[0].element[0].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[1].code = #69737-5
* group[0].element[1].target[0].code = #70274-6
* group[0].element[1].target[0].display = "Generalized anxiety disorder 7 item (GAD-7) total score"
* group[0].element[1].target[0].equivalence = #relatedto
* group[0].element[1].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[2].code = #72109-2
* group[0].element[2].target[0].code = #75626-2
* group[0].element[2].target[0].equivalence = #relatedto
* group[0].element[2].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[3].code = #82666-9
* group[0].element[3].target[0].code = #82667-7
* group[0].element[3].target[0].equivalence = #relatedto
* group[0].element[3].target[0].comment = "Read as the target; nobody publishes how the two are related."

Instance: iop-language
InstanceOf: ConceptMap
Title: "Language: what is read"
Usage: #definition
* url = "https://iop-fhir-adapter.org/fhir/ConceptMap/iop-language"
* name = "IopLanguageMap"
* title = "Language: what is read"
* status = #active
* experimental = false
* description = "Codes that are read as language and never written."
* targetCanonical = "https://iop-fhir-adapter.org/fhir/ValueSet/iop-language"
* group[0].source = "urn:ietf:bcp:47"
* group[0].target = "urn:ietf:bcp:47"
* group[0].element[0].code = #en-US
* group[0].element[0].target[0].code = #en
* group[0].element[0].target[0].display = "English"
* group[0].element[0].target[0].equivalence = #relatedto
* group[0].element[0].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[1].code = #es-US
* group[0].element[1].target[0].code = #es
* group[0].element[1].target[0].display = "Spanish"
* group[0].element[1].target[0].equivalence = #relatedto
* group[0].element[1].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[2].code = #zh-CN
* group[0].element[2].target[0].code = #zh
* group[0].element[2].target[0].display = "Chinese"
* group[0].element[2].target[0].equivalence = #relatedto
* group[0].element[2].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[3].code = #de-DE
* group[0].element[3].target[0].code = #de
* group[0].element[3].target[0].display = "German"
* group[0].element[3].target[0].equivalence = #relatedto
* group[0].element[3].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[4].code = #fr-FR
* group[0].element[4].target[0].code = #fr
* group[0].element[4].target[0].display = "French"
* group[0].element[4].target[0].equivalence = #relatedto
* group[0].element[4].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[5].code = #it-IT
* group[0].element[5].target[0].code = #it
* group[0].element[5].target[0].display = "Italian"
* group[0].element[5].target[0].equivalence = #relatedto
* group[0].element[5].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[6].code = #nl-NL
* group[0].element[6].target[0].code = #nl
* group[0].element[6].target[0].display = "Dutch"
* group[0].element[6].target[0].equivalence = #relatedto
* group[0].element[6].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[7].code = #pt-BR
* group[0].element[7].target[0].code = #pt
* group[0].element[7].target[0].display = "Portuguese"
* group[0].element[7].target[0].equivalence = #relatedto
* group[0].element[7].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[8].code = #ru-RU
* group[0].element[8].target[0].code = #ru
* group[0].element[8].target[0].display = "Russian"
* group[0].element[8].target[0].equivalence = #relatedto
* group[0].element[8].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[9].code = #sr-RS
* group[0].element[9].target[0].code = #sr
* group[0].element[9].target[0].display = "Serbian"
* group[0].element[9].target[0].equivalence = #relatedto
* group[0].element[9].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[10].code = #sv-SE
* group[0].element[10].target[0].code = #sv
* group[0].element[10].target[0].display = "Swedish"
* group[0].element[10].target[0].equivalence = #relatedto
* group[0].element[10].target[0].comment = "Read as the target; nobody publishes how the two are related."

Instance: iop-level-of-care
InstanceOf: ConceptMap
Title: "Level of care: what is read"
Usage: #definition
* url = "https://iop-fhir-adapter.org/fhir/ConceptMap/iop-level-of-care"
* name = "IopLevelOfCareMap"
* title = "Level of care: what is read"
* status = #active
* experimental = false
* description = "Codes that are read as level of care and never written."
* targetCanonical = "https://iop-fhir-adapter.org/fhir/ValueSet/iop-level-of-care"
* group[0].source = "http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-asam-level-of-care-cs"
* group[0].target = "https://iop-fhir-adapter.org/fhir/CodeSystem/level-of-care"
* group[0].element[0].code = #0.5
* group[0].element[0].target[0].code = #level-0-5
* group[0].element[0].target[0].display = "Level 0.5"
* group[0].element[0].target[0].equivalence = #relatedto
* group[0].element[0].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[1].code = #1
* group[0].element[1].target[0].code = #level-1
* group[0].element[1].target[0].display = "Level 1"
* group[0].element[1].target[0].equivalence = #relatedto
* group[0].element[1].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[2].code = #2.1
* group[0].element[2].target[0].code = #level-2-1
* group[0].element[2].target[0].display = "Level 2.1"
* group[0].element[2].target[0].equivalence = #relatedto
* group[0].element[2].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[3].code = #2.5
* group[0].element[3].target[0].code = #level-2-5
* group[0].element[3].target[0].display = "Level 2.5"
* group[0].element[3].target[0].equivalence = #relatedto
* group[0].element[3].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[4].code = #3.1
* group[0].element[4].target[0].code = #level-3-1
* group[0].element[4].target[0].display = "Level 3.1"
* group[0].element[4].target[0].equivalence = #relatedto
* group[0].element[4].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[5].code = #3.3
* group[0].element[5].target[0].code = #level-3-3
* group[0].element[5].target[0].display = "Level 3.3"
* group[0].element[5].target[0].equivalence = #relatedto
* group[0].element[5].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[6].code = #3.5
* group[0].element[6].target[0].code = #level-3-5
* group[0].element[6].target[0].display = "Level 3.5"
* group[0].element[6].target[0].equivalence = #relatedto
* group[0].element[6].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[7].code = #3.7
* group[0].element[7].target[0].code = #level-3-7
* group[0].element[7].target[0].display = "Level 3.7"
* group[0].element[7].target[0].equivalence = #relatedto
* group[0].element[7].target[0].comment = "Read as the target; nobody publishes how the two are related."

Instance: iop-observation-category
InstanceOf: ConceptMap
Title: "Observation category: what is read"
Usage: #definition
* url = "https://iop-fhir-adapter.org/fhir/ConceptMap/iop-observation-category"
* name = "IopObservationCategoryMap"
* title = "Observation category: what is read"
* status = #active
* experimental = false
* description = "Codes that are read as observation category and never written."
* targetCanonical = "https://iop-fhir-adapter.org/fhir/ValueSet/iop-observation-category"
* group[0].source = "http://hl7.org/fhir/observation-category"
* group[0].target = "http://terminology.hl7.org/CodeSystem/observation-category"
* group[0].element[0].code = #survey
* group[0].element[0].target[0].code = #survey
* group[0].element[0].target[0].display = "Survey"
* group[0].element[0].target[0].equivalence = #equivalent
* group[0].element[1].code = #laboratory
* group[0].element[1].target[0].code = #laboratory
* group[0].element[1].target[0].display = "Laboratory"
* group[0].element[1].target[0].equivalence = #equivalent

Instance: iop-plan-activity
InstanceOf: ConceptMap
Title: "Plan activity: what is read"
Usage: #definition
* url = "https://iop-fhir-adapter.org/fhir/ConceptMap/iop-plan-activity"
* name = "IopPlanActivityMap"
* title = "Plan activity: what is read"
* status = #active
* experimental = false
* description = "Codes that are read as plan activity and never written."
* targetCanonical = "https://iop-fhir-adapter.org/fhir/ValueSet/iop-plan-activity"
* group[0].source = "https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind"
* group[0].target = "http://snomed.info/sct"
* group[0].element[0].code = #individual
* group[0].element[0].target[0].code = #18512000
* group[0].element[0].target[0].display = "Individual psychotherapy"
* group[0].element[0].target[0].equivalence = #relatedto
* group[0].element[0].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[1].code = #group
* group[0].element[1].target[0].code = #76168009
* group[0].element[1].target[0].display = "Group psychotherapy"
* group[0].element[1].target[0].equivalence = #relatedto
* group[0].element[1].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[2].code = #family
* group[0].element[2].target[0].code = #108313002
* group[0].element[2].target[0].display = "Family psychotherapy procedure"
* group[0].element[2].target[0].equivalence = #relatedto
* group[0].element[2].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[1].source = "http://snomed.info/sct"
* group[1].target = "http://snomed.info/sct"
* group[1].element[0].code = #1555005
* group[1].element[0].target[0].code = #76168009
* group[1].element[0].target[0].display = "Group psychotherapy"
* group[1].element[0].target[0].equivalence = #relatedto
* group[1].element[0].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[2].source = "http://snomed.info/sct"
* group[2].target = "https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind"
* group[2].element[0].code = #171047005
* group[2].element[0].target[0].code = #education
* group[2].element[0].target[0].display = "Education"
* group[2].element[0].target[0].equivalence = #relatedto
* group[2].element[0].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[2].element[1].code = #408935001
* group[2].element[1].target[0].code = #education
* group[2].element[1].target[0].display = "Education"
* group[2].element[1].target[0].equivalence = #relatedto
* group[2].element[1].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[2].element[2].code = #408943006
* group[2].element[2].target[0].code = #education
* group[2].element[2].target[0].display = "Education"
* group[2].element[2].target[0].equivalence = #relatedto
* group[2].element[2].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[2].element[3].code = #720176005
* group[2].element[3].target[0].code = #relapse-prevention
* group[2].element[3].target[0].display = "Relapse prevention"
* group[2].element[3].target[0].equivalence = #relatedto
* group[2].element[3].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[2].element[4].code = #720177001
* group[2].element[4].target[0].code = #relapse-prevention
* group[2].element[4].target[0].display = "Relapse prevention"
* group[2].element[4].target[0].equivalence = #relatedto
* group[2].element[4].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[2].element[5].code = #428211000124100
* group[2].element[5].target[0].code = #assessment
* group[2].element[5].target[0].display = "Assessment"
* group[2].element[5].target[0].equivalence = #relatedto
* group[2].element[5].target[0].comment = "Read as the target; nobody publishes how the two are related."

Instance: iop-session-kind
InstanceOf: ConceptMap
Title: "Session kind: what is read"
Usage: #definition
* url = "https://iop-fhir-adapter.org/fhir/ConceptMap/iop-session-kind"
* name = "IopSessionKindMap"
* title = "Session kind: what is read"
* status = #active
* experimental = false
* description = "Codes that are read as session kind and never written."
* targetCanonical = "https://iop-fhir-adapter.org/fhir/ValueSet/iop-session-kind"
* group[0].source = "https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind"
* group[0].target = "http://snomed.info/sct"
* group[0].element[0].code = #individual
* group[0].element[0].target[0].code = #18512000
* group[0].element[0].target[0].display = "Individual psychotherapy"
* group[0].element[0].target[0].equivalence = #relatedto
* group[0].element[0].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[1].code = #group
* group[0].element[1].target[0].code = #76168009
* group[0].element[1].target[0].display = "Group psychotherapy"
* group[0].element[1].target[0].equivalence = #relatedto
* group[0].element[1].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[0].element[2].code = #family
* group[0].element[2].target[0].code = #108313002
* group[0].element[2].target[0].display = "Family psychotherapy procedure"
* group[0].element[2].target[0].equivalence = #relatedto
* group[0].element[2].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[1].source = "http://snomed.info/sct"
* group[1].target = "http://snomed.info/sct"
* group[1].element[0].code = #1555005
* group[1].element[0].target[0].code = #76168009
* group[1].element[0].target[0].display = "Group psychotherapy"
* group[1].element[0].target[0].equivalence = #relatedto
* group[1].element[0].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[2].source = "http://snomed.info/sct"
* group[2].target = "https://iop-fhir-adapter.org/fhir/CodeSystem/session-kind"
* group[2].element[0].code = #171047005
* group[2].element[0].target[0].code = #education
* group[2].element[0].target[0].display = "Education"
* group[2].element[0].target[0].equivalence = #relatedto
* group[2].element[0].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[2].element[1].code = #408935001
* group[2].element[1].target[0].code = #education
* group[2].element[1].target[0].display = "Education"
* group[2].element[1].target[0].equivalence = #relatedto
* group[2].element[1].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[2].element[2].code = #408943006
* group[2].element[2].target[0].code = #education
* group[2].element[2].target[0].display = "Education"
* group[2].element[2].target[0].equivalence = #relatedto
* group[2].element[2].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[2].element[3].code = #720176005
* group[2].element[3].target[0].code = #relapse-prevention
* group[2].element[3].target[0].display = "Relapse prevention"
* group[2].element[3].target[0].equivalence = #relatedto
* group[2].element[3].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[2].element[4].code = #720177001
* group[2].element[4].target[0].code = #relapse-prevention
* group[2].element[4].target[0].display = "Relapse prevention"
* group[2].element[4].target[0].equivalence = #relatedto
* group[2].element[4].target[0].comment = "Read as the target; nobody publishes how the two are related."
* group[2].element[5].code = #428211000124100
* group[2].element[5].target[0].code = #assessment
* group[2].element[5].target[0].display = "Assessment"
* group[2].element[5].target[0].equivalence = #relatedto
* group[2].element[5].target[0].comment = "Read as the target; nobody publishes how the two are related."
