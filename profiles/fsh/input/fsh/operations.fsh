// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Instance: to-fhir
InstanceOf: OperationDefinition
Title: "A native record as FHIR"
Usage: #definition
* url = "https://iop-fhir-adapter.org/fhir/OperationDefinition/to-fhir"
* name = "IopToFhir"
* title = "A native record as FHIR"
* status = #active
* experimental = false
* kind = #operation
* description = "What a native record of the program becomes in FHIR, by the concept map of its kind. Nothing is stored."
* affectsState = false
* code = #to-fhir
* system = true
* type = false
* instance = false
* parameter[0].name = #concept
* parameter[0].use = #in
* parameter[0].min = 1
* parameter[0].max = "1"
* parameter[0].documentation = "The kind of record, by the name of its concept map: session, booking, goal."
* parameter[0].type = #code
* parameter[1].name = #record
* parameter[1].use = #in
* parameter[1].min = 1
* parameter[1].max = "1"
* parameter[1].documentation = "The native record as JSON text."
* parameter[1].type = #string
* parameter[2].name = #resource
* parameter[2].use = #out
* parameter[2].min = 0
* parameter[2].max = "1"
* parameter[2].documentation = "The resource, unless the record is refused."
* parameter[2].type = #Resource
* parameter[3].name = #outcome
* parameter[3].use = #out
* parameter[3].min = 1
* parameter[3].max = "1"
* parameter[3].documentation = "What was found: every issue at once."
* parameter[3].type = #OperationOutcome

Instance: to-native
InstanceOf: OperationDefinition
Title: "A FHIR resource as a native record"
Usage: #definition
* url = "https://iop-fhir-adapter.org/fhir/OperationDefinition/to-native"
* name = "IopToNative"
* title = "A FHIR resource as a native record"
* status = #active
* experimental = false
* kind = #operation
* description = "What a resource is in the program's own words, and what no word says. Nothing is stored."
* affectsState = false
* code = #to-native
* system = true
* type = false
* instance = false
* parameter[0].name = #resource
* parameter[0].use = #in
* parameter[0].min = 1
* parameter[0].max = "1"
* parameter[0].documentation = "The resource."
* parameter[0].type = #Resource
* parameter[1].name = #concept
* parameter[1].use = #out
* parameter[1].min = 0
* parameter[1].max = "1"
* parameter[1].documentation = "The concept map that claims it; absent where none does."
* parameter[1].type = #code
* parameter[2].name = #record
* parameter[2].use = #out
* parameter[2].min = 0
* parameter[2].max = "1"
* parameter[2].documentation = "The native record as JSON text."
* parameter[2].type = #string
* parameter[3].name = #residue
* parameter[3].use = #out
* parameter[3].min = 0
* parameter[3].max = "*"
* parameter[3].documentation = "An element that no native field says: its path, its policy and the reason."
* parameter[3].type = #string
* parameter[4].name = #outcome
* parameter[4].use = #out
* parameter[4].min = 1
* parameter[4].max = "1"
* parameter[4].documentation = "What was found: every issue at once."
* parameter[4].type = #OperationOutcome
