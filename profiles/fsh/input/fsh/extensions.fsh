// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Extension: IopAbsence
Id: iop-absence
Title: "Absence"
Description: "How a booking fell away, as staff count it; the reason is Appointment.cancelationReason."
Context: Appointment
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-booking-status-absence (extensible)

Extension: IopAccreditation
Id: iop-accreditation
Title: "Accreditation"
Description: "What the program records as `accreditations` of a program."
Context: HealthcareService
* extension contains body 1..1 and number 0..1 and period 0..1
* extension[body].value[x] 1..1
* extension[body].value[x] only string
* extension[number].value[x] 1..1
* extension[number].value[x] only string
* extension[period].value[x] 1..1
* extension[period].value[x] only Period

Extension: IopAttendance
Id: iop-attendance
Title: "Attendance"
Description: "What the program records as `attendance` of a session."
Context: Encounter
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-attendance (extensible)

Extension: IopBookedMode
Id: iop-booked-mode
Title: "Booked mode"
Description: "What the program records as `mode` of a booking."
Context: Appointment
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-session-mode (extensible)

Extension: IopCollectedBy
Id: iop-collected-by
Title: "Collected by"
Description: "Who took the specimen; who tested it is Observation.performer."
Context: Observation
* value[x] 1..1
* value[x] only Reference(Practitioner or PractitionerRole)

Extension: IopCommitment
Id: iop-commitment
Title: "Commitment"
Description: "What the program records as `commitments` of a participant."
Context: Patient
* extension contains day 1..1 and from 1..1 and until 0..1 and because 0..1
* extension[day].value[x] 1..1
* extension[day].value[x] only code
* extension[day].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-weekday (required)
* extension[from].value[x] 1..1
* extension[from].value[x] only time
* extension[until].value[x] 1..1
* extension[until].value[x] only time
* extension[because].value[x] 1..1
* extension[because].value[x] only Coding
* extension[because].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-commitment (extensible)

Extension: IopContactWish
Id: iop-contact-wish
Title: "Contact wish"
Description: "What the program records as `contact_wishes` of a participant."
Context: Patient
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-contact-wish (extensible)

Extension: IopContactWishNote
Id: iop-contact-wish-note
Title: "Contact wish note"
Description: "What the program records as `contact_wish_note` of a participant."
Context: Patient
* value[x] 1..1
* value[x] only string

Extension: IopDaysAWeek
Id: iop-days-a-week
Title: "Days a week"
Description: "What the program records as `days_a_week` of a program."
Context: HealthcareService
* value[x] 1..1
* value[x] only integer

Extension: IopDiagnosisArea
Id: iop-diagnosis-area
Title: "Diagnosis area"
Description: "What the program records as `area` of a diagnosis."
Context: Condition
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-diagnosis-area (extensible)

Extension: IopDischarge
Id: iop-discharge
Title: "Discharge"
Description: "What the program records as `discharge_reason` of a episode and `discharge_type` of a episode and `disposition` of a episode."
Context: EpisodeOfCare
* extension contains reason 0..1 and type 0..1 and disposition 0..1
* extension[reason].value[x] 1..1
* extension[reason].value[x] only CodeableConcept
* extension[reason].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-discharge-reason (extensible)
* extension[type].value[x] 1..1
* extension[type].value[x] only CodeableConcept
* extension[type].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-discharge-type (extensible)
* extension[disposition].value[x] 1..1
* extension[disposition].value[x] only CodeableConcept
* extension[disposition].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-discharge-disposition (extensible)

Extension: IopDocumentedAt
Id: iop-documented-at
Title: "Documented at"
Description: "What the program records as `documented_at` of a session."
Context: Encounter
* value[x] 1..1
* value[x] only dateTime

Extension: IopEpisodeLink
Id: iop-episode-link
Title: "Episode link"
Description: "The episode of care that a record belongs to, where R4 has no element and its standard extension is not allowed."
Context: Appointment, Goal
* value[x] 1..1
* value[x] only Reference(EpisodeOfCare)

Extension: IopExplainedBy
Id: iop-explained-by
Title: "Explained by"
Description: "A prescribed medication that explains the finding."
Context: Observation
* value[x] 1..1
* value[x] only Reference(MedicationAdministration or MedicationRequest or MedicationStatement)

Extension: IopGoalReview
Id: iop-goal-review
Title: "Goal review"
Description: "What the program records as `reviews` of a goal."
Context: Goal
* extension contains on 1..1 and achievement 0..1 and by 0..1 and summary 0..1
* extension[on].value[x] 1..1
* extension[on].value[x] only date
* extension[achievement].value[x] 1..1
* extension[achievement].value[x] only CodeableConcept
* extension[achievement].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-goal-achievement (extensible)
* extension[by].value[x] 1..1
* extension[by].value[x] only Reference(Practitioner or PractitionerRole)
* extension[summary].value[x] 1..1
* extension[summary].value[x] only string

Extension: IopGroupSession
Id: iop-group-session
Title: "Group session"
Description: "The meeting that a booking or session was part of: the same id for all who came, its topic and head count, never who they are."
Context: Appointment, Encounter
* extension contains meeting 0..1 and group 0..1 and topic 0..1 and attending 0..1
* extension[meeting].value[x] 1..1
* extension[meeting].value[x] only string
* extension[group].value[x] 1..1
* extension[group].value[x] only Reference(HealthcareService)
* extension[topic].value[x] 1..1
* extension[topic].value[x] only string
* extension[attending].value[x] 1..1
* extension[attending].value[x] only integer

Extension: IopHoursADay
Id: iop-hours-a-day
Title: "Hours a day"
Description: "What the program records as `hours_a_day` of a program."
Context: HealthcareService
* value[x] 1..1
* value[x] only decimal

Extension: IopLevelOfCare
Id: iop-level-of-care
Title: "Level of care"
Description: "A level of care during the episode, with its time, the step it was, and where."
Context: EpisodeOfCare
* extension contains level 1..1 and from 0..1 and until 0..1 and step 0..1 and at 0..1
* extension[level].value[x] 1..1
* extension[level].value[x] only Coding
* extension[level].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-level-of-care (extensible)
* extension[from].value[x] 1..1
* extension[from].value[x] only date
* extension[until].value[x] 1..1
* extension[until].value[x] only date
* extension[step].value[x] 1..1
* extension[step].value[x] only Coding
* extension[step].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-episode-step (extensible)
* extension[at].value[x] 1..1
* extension[at].value[x] only Reference(Organization)

Extension: IopLevelOfCareCode
Id: iop-level-of-care-code
Title: "Level of care code"
Description: "The level of care that a program provides."
Context: HealthcareService
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-level-of-care (extensible)

Extension: IopMakeUpOf
Id: iop-make-up-of
Title: "Make up of"
Description: "What the program records as `make_up_of` of a booking."
Context: Appointment
* value[x] 1..1
* value[x] only Reference(Appointment)

Extension: IopNextReviewOn
Id: iop-next-review-on
Title: "Next review on"
Description: "What the program records as `next_review_on` of a treatment plan."
Context: CarePlan
* value[x] 1..1
* value[x] only date

Extension: IopNoShowReason
Id: iop-no-show-reason
Title: "No show reason"
Description: "Why a booking was missed: R4 (app-4) lets only a cancelled appointment have a cancelationReason."
Context: Appointment
* value[x] 1..1
* value[x] only CodeableConcept
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-cancel-reason (extensible)

Extension: IopObservedCollection
Id: iop-observed-collection
Title: "Observed collection"
Description: "What the program records as `observed` of a drug screen panel."
Context: Observation
* value[x] 1..1
* value[x] only boolean

Extension: IopPart2Posture
Id: iop-part2-posture
Title: "Part2 posture"
Description: "What the program records as `part2_posture` of a organization."
Context: Organization
* value[x] 1..1
* value[x] only code
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-part2-posture (required)

Extension: IopPaymentAccepted
Id: iop-payment-accepted
Title: "Payment accepted"
Description: "What the program records as `payments_accepted` of a program."
Context: HealthcareService
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-payment (extensible)

Extension: IopPlanReview
Id: iop-plan-review
Title: "Plan review"
Description: "What the program records as `reviews` of a treatment plan."
Context: CarePlan
* extension contains on 1..1 and by 0..1 and summary 0..1
* extension[on].value[x] 1..1
* extension[on].value[x] only date
* extension[by].value[x] 1..1
* extension[by].value[x] only Reference(Practitioner or PractitionerRole)
* extension[summary].value[x] 1..1
* extension[summary].value[x] only string

Extension: IopPlanSignature
Id: iop-plan-signature
Title: "Plan signature"
Description: "Who agreed to a plan and when; the signature itself is a Provenance."
Context: CarePlan
* extension contains signer 1..1 and signedAt 1..1
* extension[signer].value[x] 1..1
* extension[signer].value[x] only Reference(Patient or Practitioner or PractitionerRole or RelatedPerson)
* extension[signedAt].value[x] 1..1
* extension[signedAt].value[x] only dateTime

Extension: IopPlannedHoursAWeek
Id: iop-planned-hours-a-week
Title: "Planned hours a week"
Description: "What the program records as `planned_hours_a_week` of a episode."
Context: EpisodeOfCare
* value[x] 1..1
* value[x] only decimal

Extension: IopPlannedWeeks
Id: iop-planned-weeks
Title: "Planned weeks"
Description: "What the program records as `planned_weeks` of a episode."
Context: EpisodeOfCare
* value[x] 1..1
* value[x] only integer

Extension: IopProgramLink
Id: iop-program-link
Title: "Program link"
Description: "What the program records as `program` of a episode."
Context: EpisodeOfCare
* value[x] 1..1
* value[x] only Reference(HealthcareService)

Extension: IopReferralSource
Id: iop-referral-source
Title: "Referral source"
Description: "What the program records as `referral_source` of a episode."
Context: EpisodeOfCare
* value[x] 1..1
* value[x] only CodeableConcept
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-referral-source (extensible)

Extension: IopRelapsePrevention
Id: iop-relapse-prevention
Title: "Relapse prevention"
Description: "What the program records as `triggers` of a treatment plan and `warning_signs` of a treatment plan and `coping` of a treatment plan and `supports` of a treatment plan and `if_in_crisis` of a treatment plan."
Context: CarePlan
* extension contains trigger 0..* and warningSign 0..* and coping 0..* and support 0..* and ifInCrisis 0..*
* extension[trigger].value[x] 1..1
* extension[trigger].value[x] only string
* extension[warningSign].value[x] 1..1
* extension[warningSign].value[x] only string
* extension[coping].value[x] 1..1
* extension[coping].value[x] only string
* extension[support].value[x] 1..1
* extension[support].value[x] only string
* extension[ifInCrisis].value[x] 1..1
* extension[ifInCrisis].value[x] only string

Extension: IopRemission
Id: iop-remission
Title: "Remission"
Description: "What the program records as `remission` of a diagnosis."
Context: Condition
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-remission (extensible)

Extension: IopRescheduledTo
Id: iop-rescheduled-to
Title: "Rescheduled to"
Description: "What the program records as `rescheduled_to` of a booking."
Context: Appointment
* value[x] 1..1
* value[x] only Reference(Appointment)

Extension: IopSessionBreak
Id: iop-session-break
Title: "Session break"
Description: "What the program records as `breaks` of a session."
Context: Encounter
* value[x] 1..1
* value[x] only Period

Extension: IopTaper
Id: iop-taper
Title: "Taper"
Description: "Fewer hours from a week of the program on."
Context: EpisodeOfCare
* extension contains fromWeek 1..1 and hoursAWeek 1..1 and daysAWeek 0..1
* extension[fromWeek].value[x] 1..1
* extension[fromWeek].value[x] only integer
* extension[hoursAWeek].value[x] 1..1
* extension[hoursAWeek].value[x] only decimal
* extension[daysAWeek].value[x] 1..1
* extension[daysAWeek].value[x] only integer

Extension: IopTherapy
Id: iop-therapy
Title: "Therapy"
Description: "What the program records as `therapies` of a session and `therapies` of a treatment plan."
Context: CarePlan.activity.detail, Encounter
* value[x] 1..1
* value[x] only CodeableConcept
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-therapy (extensible)

Extension: IopTransportNeed
Id: iop-transport-need
Title: "Transport need"
Description: "What the program records as `transport_need` of a participant."
Context: Patient
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/iop-transport-need (extensible)

Extension: IopVirtualLink
Id: iop-virtual-link
Title: "Virtual link"
Description: "What the program records as `virtual_link` of a booking."
Context: Appointment
* value[x] 1..1
* value[x] only url

Extension: IopZoneAssumed
Id: iop-zone-assumed
Title: "Zone assumed"
Description: "The source gave local times without an offset; they were read in the program's time zone."
Context: Appointment, Encounter, Observation
* value[x] 1..1
* value[x] only boolean
