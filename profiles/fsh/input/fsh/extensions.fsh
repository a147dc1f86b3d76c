// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

Extension: IopAbsence
Id: iop-absence
Title: "Absence"
Description: "How a booking fell away, as staff count it; the reason is Appointment.cancelationReason."
Context: Appointment
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/booking-status-absence (extensible)

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

Extension: IopApartRule
Id: iop-apart-rule
Title: "Apart rule"
Description: "What the program records as `rule` of a safety flag."
Context: Flag
* value[x] 1..1
* value[x] only string

Extension: IopAttendance
Id: iop-attendance
Title: "Attendance"
Description: "What the program records as `attendance` of a session."
Context: Encounter
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/attendance (extensible)

Extension: IopAuthorizationDecision
Id: iop-authorization-decision
Title: "Authorization decision"
Description: "What the program records as `decision` of a authorization."
Context: ClaimResponse
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/authorization-decision (extensible)

Extension: IopAuthorizationReason
Id: iop-authorization-reason
Title: "Authorization reason"
Description: "What the program records as `reason` of a authorization."
Context: ClaimResponse
* value[x] 1..1
* value[x] only CodeableConcept

Extension: IopAuthorizationUse
Id: iop-authorization-use
Title: "Authorization use"
Description: "What the program records as `used` of a authorization and `left` of a authorization."
Context: ClaimResponse.item
* extension contains used 0..1 and left 0..1
* extension[used].value[x] 1..1
* extension[used].value[x] only decimal
* extension[left].value[x] 1..1
* extension[left].value[x] only decimal

Extension: IopAuthorizedBy
Id: iop-authorized-by
Title: "Authorized by"
Description: "What the program records as `authorization` of a service."
Context: Procedure
* value[x] 1..1
* value[x] only Reference(ClaimResponse)

Extension: IopBookedMode
Id: iop-booked-mode
Title: "Booked mode"
Description: "What the program records as `mode` of a booking."
Context: Appointment
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/session-mode (extensible)

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
* extension[day].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/weekday (required)
* extension[from].value[x] 1..1
* extension[from].value[x] only time
* extension[until].value[x] 1..1
* extension[until].value[x] only time
* extension[because].value[x] 1..1
* extension[because].value[x] only Coding
* extension[because].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/commitment (extensible)

Extension: IopConsentExpiry
Id: iop-consent-expiry
Title: "Consent expiry"
Description: "What the program records as `expires_with` of a consent and `expires_when` of a consent."
Context: Consent.provision
* extension contains event 0..1 and words 0..1
* extension[event].value[x] 1..1
* extension[event].value[x] only Coding
* extension[event].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/consent-expiry (extensible)
* extension[words].value[x] 1..1
* extension[words].value[x] only string

Extension: IopConsentHandling
Id: iop-consent-handling
Title: "Consent handling"
Description: "What the program records as `handling` of a consent."
Context: Consent.provision
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/handling (extensible)

Extension: IopConsentInformation
Id: iop-consent-information
Title: "Consent information"
Description: "What the program records as `information` of a consent."
Context: Consent.provision
* value[x] 1..1
* value[x] only string

Extension: IopConsentStatement
Id: iop-consent-statement
Title: "Consent statement"
Description: "What the program records as `statements` of a consent."
Context: Consent
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/consent-statement (extensible)

Extension: IopContactOutcome
Id: iop-contact-outcome
Title: "Contact outcome"
Description: "What the program records as `outcome` of a contact."
Context: Communication
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/contact-outcome (extensible)

Extension: IopContactWish
Id: iop-contact-wish
Title: "Contact wish"
Description: "What the program records as `contact_wishes` of a participant."
Context: Patient
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/contact-wish (extensible)

Extension: IopContactWishNote
Id: iop-contact-wish-note
Title: "Contact wish note"
Description: "What the program records as `contact_wish_note` of a participant."
Context: Patient
* value[x] 1..1
* value[x] only string

Extension: IopCountedUnits
Id: iop-counted-units
Title: "Counted units"
Description: "What the program records as `units_counted` of a service and `minutes_counted` of a service and `counted_by` of a service."
Context: Procedure
* extension contains units 0..1 and minutes 0..1 and rule 0..1
* extension[units].value[x] 1..1
* extension[units].value[x] only decimal
* extension[minutes].value[x] 1..1
* extension[minutes].value[x] only integer
* extension[rule].value[x] 1..1
* extension[rule].value[x] only string

Extension: IopCoveredSession
Id: iop-covered-session
Title: "Covered session"
Description: "What the program records as `more_sessions` of a service."
Context: Procedure
* value[x] 1..1
* value[x] only Reference(Encounter)

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
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/diagnosis-area (extensible)

Extension: IopDischarge
Id: iop-discharge
Title: "Discharge"
Description: "What the program records as `discharge_reason` of a episode and `discharge_type` of a episode and `disposition` of a episode."
Context: EpisodeOfCare
* extension contains reason 0..1 and type 0..1 and disposition 0..1
* extension[reason].value[x] 1..1
* extension[reason].value[x] only CodeableConcept
* extension[reason].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/discharge-reason (extensible)
* extension[type].value[x] 1..1
* extension[type].value[x] only CodeableConcept
* extension[type].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/discharge-type (extensible)
* extension[disposition].value[x] 1..1
* extension[disposition].value[x] only CodeableConcept
* extension[disposition].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/discharge-disposition (extensible)

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
Context: AllergyIntolerance, Appointment, Claim, ClaimResponse, Consent, Coverage, DocumentReference, Flag, Goal, MedicationAdministration, MedicationRequest, Task
* value[x] 1..1
* value[x] only Reference(EpisodeOfCare)

Extension: IopExplainedBy
Id: iop-explained-by
Title: "Explained by"
Description: "A prescribed medication that explains the finding."
Context: Observation
* value[x] 1..1
* value[x] only Reference(MedicationAdministration or MedicationRequest or MedicationStatement)

Extension: IopFacilityStay
Id: iop-facility-stay
Title: "Facility stay"
Description: "What the program records as `facility` of a step down referral and `facility_level_of_care` of a step down referral and `facility_admitted_on` of a step down referral and `facility_discharged_on` of a step down referral and `facility_discharge_type` of a step down referral."
Context: ServiceRequest
* extension contains at 0..1 and level 0..1 and from 0..1 and until 0..1 and end 0..1
* extension[at].value[x] 1..1
* extension[at].value[x] only Reference(Organization)
* extension[level].value[x] 1..1
* extension[level].value[x] only Coding
* extension[level].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/level-of-care (extensible)
* extension[from].value[x] 1..1
* extension[from].value[x] only date
* extension[until].value[x] 1..1
* extension[until].value[x] only date
* extension[end].value[x] 1..1
* extension[end].value[x] only Coding
* extension[end].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/discharge-type (extensible)

Extension: IopFlagAudience
Id: iop-flag-audience
Title: "Flag audience"
Description: "What the program records as `seen_by` of a safety flag."
Context: Flag
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/flag-audience (extensible)

Extension: IopFlagInstructions
Id: iop-flag-instructions
Title: "Flag instructions"
Description: "What the program records as `instructions` of a safety flag."
Context: Flag
* value[x] 1..1
* value[x] only string

Extension: IopFlagLevel
Id: iop-flag-level
Title: "Flag level"
Description: "What the program records as `level` of a safety flag."
Context: Flag
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/flag-level (extensible)

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
* extension[achievement].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/goal-achievement (extensible)
* extension[by].value[x] 1..1
* extension[by].value[x] only Reference(Practitioner or PractitionerRole)
* extension[summary].value[x] 1..1
* extension[summary].value[x] only string

Extension: IopGroupCapacity
Id: iop-group-capacity
Title: "Group capacity"
Description: "What the program records as `capacity` of a therapy group."
Context: HealthcareService
* value[x] 1..1
* value[x] only positiveInt

Extension: IopGroupFacilitator
Id: iop-group-facilitator
Title: "Group facilitator"
Description: "What the program records as `facilitators` of a therapy group."
Context: HealthcareService
* value[x] 1..1
* value[x] only Reference(Practitioner or PractitionerRole)

Extension: IopGroupPeriod
Id: iop-group-period
Title: "Group period"
Description: "What the program records as `period` of a therapy group."
Context: HealthcareService
* value[x] 1..1
* value[x] only Period

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

Extension: IopGroupTopic
Id: iop-group-topic
Title: "Group topic"
Description: "What the program records as `topic` of a therapy group."
Context: HealthcareService
* value[x] 1..1
* value[x] only string

Extension: IopHoursADay
Id: iop-hours-a-day
Title: "Hours a day"
Description: "What the program records as `hours_a_day` of a program."
Context: HealthcareService
* value[x] 1..1
* value[x] only decimal

Extension: IopHowToRevoke
Id: iop-how-to-revoke
Title: "How to revoke"
Description: "What the program records as `how_to_revoke` of a consent."
Context: Consent
* value[x] 1..1
* value[x] only string

Extension: IopIntermediary
Id: iop-intermediary
Title: "Intermediary"
Description: "What the program records as `intermediary` of a consent."
Context: Consent.provision.actor
* value[x] 1..1
* value[x] only boolean

Extension: IopJoinsFamilySessions
Id: iop-joins-family-sessions
Title: "Joins family sessions"
Description: "What the program records as `joins_family_sessions` of a family member."
Context: RelatedPerson
* value[x] 1..1
* value[x] only boolean

Extension: IopLevelOfCare
Id: iop-level-of-care
Title: "Level of care"
Description: "A level of care during the episode, with its time, the step it was, and where."
Context: EpisodeOfCare
* extension contains level 1..1 and from 0..1 and until 0..1 and step 0..1 and at 0..1
* extension[level].value[x] 1..1
* extension[level].value[x] only Coding
* extension[level].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/level-of-care (extensible)
* extension[from].value[x] 1..1
* extension[from].value[x] only date
* extension[until].value[x] 1..1
* extension[until].value[x] only date
* extension[step].value[x] 1..1
* extension[step].value[x] only Coding
* extension[step].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/episode-step (extensible)
* extension[at].value[x] 1..1
* extension[at].value[x] only Reference(Organization)

Extension: IopLevelOfCareCode
Id: iop-level-of-care-code
Title: "Level of care code"
Description: "The level of care that a program provides."
Context: HealthcareService
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/level-of-care (extensible)

Extension: IopMakeUpOf
Id: iop-make-up-of
Title: "Make up of"
Description: "What the program records as `make_up_of` of a booking."
Context: Appointment
* value[x] 1..1
* value[x] only Reference(Appointment)

Extension: IopMinutesObserved
Id: iop-minutes-observed
Title: "Minutes observed"
Description: "What the program records as `minutes_observed` of a breath test."
Context: Observation
* value[x] 1..1
* value[x] only unsignedInt

Extension: IopMinutesPerUnit
Id: iop-minutes-per-unit
Title: "Minutes per unit"
Description: "What the program records as `minutes_per_unit` of a service."
Context: Procedure
* value[x] 1..1
* value[x] only integer

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
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/cancel-reason (extensible)

Extension: IopObservedCollection
Id: iop-observed-collection
Title: "Observed collection"
Description: "What the program records as `observed` of a drug screen panel."
Context: Observation
* value[x] 1..1
* value[x] only boolean

Extension: IopObservedDose
Id: iop-observed-dose
Title: "Observed dose"
Description: "What the program records as `observed` of a medication given."
Context: MedicationAdministration
* value[x] 1..1
* value[x] only boolean

Extension: IopPart2Posture
Id: iop-part2-posture
Title: "Part2 posture"
Description: "What the program records as `part2_posture` of a organization."
Context: Organization
* value[x] 1..1
* value[x] only code
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/part2-posture (required)

Extension: IopPaymentAccepted
Id: iop-payment-accepted
Title: "Payment accepted"
Description: "What the program records as `payments_accepted` of a program."
Context: HealthcareService
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/payment (extensible)

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
Description: "What the program records as `program` of a episode and `program` of a therapy group."
Context: EpisodeOfCare, HealthcareService
* value[x] 1..1
* value[x] only Reference(HealthcareService)

Extension: IopRecipientClass
Id: iop-recipient-class
Title: "Recipient class"
Description: "What the program records as `classes` of a consent."
Context: Consent.provision.actor
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/recipient-class (extensible)

Extension: IopReferralAnswer
Id: iop-referral-answer
Title: "Referral answer"
Description: "What the program records as `answer` of a aftercare referral and `answered_on` of a aftercare referral and `answer_reason` of a aftercare referral."
Context: ServiceRequest
* extension contains answer 0..1 and on 0..1 and reason 0..1
* extension[answer].value[x] 1..1
* extension[answer].value[x] only Coding
* extension[answer].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/referral-answer (extensible)
* extension[on].value[x] 1..1
* extension[on].value[x] only date
* extension[reason].value[x] 1..1
* extension[reason].value[x] only string

Extension: IopReferralClosure
Id: iop-referral-closure
Title: "Referral closure"
Description: "What the program records as `closed_on` of a aftercare referral and `outcome` of a aftercare referral."
Context: ServiceRequest
* extension contains on 0..1 and outcome 0..1
* extension[on].value[x] 1..1
* extension[on].value[x] only date
* extension[outcome].value[x] 1..1
* extension[outcome].value[x] only Coding
* extension[outcome].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/referral-outcome (extensible)

Extension: IopReferralRisk
Id: iop-referral-risk
Title: "Referral risk"
Description: "What the program records as `risks` of a step down referral."
Context: ServiceRequest
* extension contains risk 1..1 and level 0..1 and note 0..1
* extension[risk].value[x] 1..1
* extension[risk].value[x] only Coding
* extension[risk].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/referral-risk (extensible)
* extension[level].value[x] 1..1
* extension[level].value[x] only Coding
* extension[level].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/referral-risk-level (extensible)
* extension[note].value[x] 1..1
* extension[note].value[x] only string

Extension: IopReferralSource
Id: iop-referral-source
Title: "Referral source"
Description: "What the program records as `referral_source` of a episode."
Context: EpisodeOfCare
* value[x] 1..1
* value[x] only CodeableConcept
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/referral-source (extensible)

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
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/remission (extensible)

Extension: IopRescheduledTo
Id: iop-rescheduled-to
Title: "Rescheduled to"
Description: "What the program records as `rescheduled_to` of a booking."
Context: Appointment
* value[x] 1..1
* value[x] only Reference(Appointment)

Extension: IopRevocation
Id: iop-revocation
Title: "Revocation"
Description: "What the program records as `revoked_at` of a consent and `revoked_by` of a consent and `revoked_how` of a consent and `revoked_because` of a consent."
Context: Consent
* extension contains at 0..1 and by 0..1 and how 0..1 and reason 0..1
* extension[at].value[x] 1..1
* extension[at].value[x] only dateTime
* extension[by].value[x] 1..1
* extension[by].value[x] only Reference(Patient or Practitioner or PractitionerRole or RelatedPerson)
* extension[how].value[x] 1..1
* extension[how].value[x] only Coding
* extension[how].value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/signature-form (extensible)
* extension[reason].value[x] 1..1
* extension[reason].value[x] only string

Extension: IopServiceModifier
Id: iop-service-modifier
Title: "Service modifier"
Description: "What the program records as `modifiers` of a service."
Context: Procedure
* value[x] 1..1
* value[x] only CodeableConcept

Extension: IopServiceUnits
Id: iop-service-units
Title: "Service units"
Description: "What the program records as `units` of a service."
Context: Procedure
* value[x] 1..1
* value[x] only decimal

Extension: IopSessionBreak
Id: iop-session-break
Title: "Session break"
Description: "What the program records as `breaks` of a session."
Context: Encounter
* value[x] 1..1
* value[x] only Period

Extension: IopSignedHow
Id: iop-signed-how
Title: "Signed how"
Description: "What the program records as `signed_how` of a consent."
Context: Consent
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/signature-form (extensible)

Extension: IopSignerCapacity
Id: iop-signer-capacity
Title: "Signer capacity"
Description: "What the program records as `signer_capacity` of a consent."
Context: Consent
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/signer-capacity (extensible)

Extension: IopStatusSince
Id: iop-status-since
Title: "Status since"
Description: "What the program records as `status_since` of a diagnosis."
Context: Condition
* value[x] 1..1
* value[x] only dateTime

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
Description: "What the program records as `therapies` of a session and `therapies` of a therapy group and `therapies` of a treatment plan."
Context: CarePlan.activity.detail, Encounter, HealthcareService
* value[x] 1..1
* value[x] only CodeableConcept
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/therapy (extensible)

Extension: IopTrack
Id: iop-track
Title: "Track"
Description: "What the program records as `tracks` of a episode."
Context: EpisodeOfCare
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/track (extensible)

Extension: IopTransportNeed
Id: iop-transport-need
Title: "Transport need"
Description: "What the program records as `transport_need` of a participant."
Context: Patient
* value[x] 1..1
* value[x] only Coding
* value[x] from https://iop-fhir-adapter.org/fhir/ValueSet/transport-need (extensible)

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
Context: AllergyIntolerance, Appointment, CareTeam, Claim, ClaimResponse, Communication, Consent, Coverage, DocumentReference, Encounter, Flag, MedicationAdministration, MedicationRequest, Observation, Procedure, QuestionnaireResponse, ServiceRequest, Task
* value[x] 1..1
* value[x] only boolean
