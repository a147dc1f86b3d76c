// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.

CodeSystem: IopAbsenceSystem
Id: absence
Title: "Absence"
Description: "Absence: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #cancelled-by-program "Cancelled by the program"
* #excused "Excused absence"
* #late-cancelled "Cancelled late"
* #rescheduled "Rescheduled"

CodeSystem: IopAbsentReasonSystem
Id: absent-reason
Title: "Absent reason"
Description: "Absent reason: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #items-unanswered "Items unanswered, no total"
* #specimen-unusable "Specimen unusable"
* #unable "Unable to provide a specimen"

CodeSystem: IopAttendanceSystem
Id: attendance
Title: "Attendance"
Description: "Attendance: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #attended "Attended in full"
* #late "Came late"
* #late-and-left-early "Came late and left early"
* #left-early "Left early"

CodeSystem: IopCancelReasonSystem
Id: cancel-reason
Title: "Cancel reason"
Description: "Cancel reason: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #court "Court or probation"
* #family "Family or child care"
* #illness "Illness"
* #school "School"
* #work "Work"

CodeSystem: IopCheckFindingSystem
Id: check-finding
Title: "Check finding"
Description: "Check finding: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #adulterated "Adulterated"
* #dilute "Dilute"
* #invalid "Invalid"
* #normal "Normal"
* #out-of-range "Out of range"
* #substituted "Substituted"

CodeSystem: IopCommitmentSystem
Id: commitment
Title: "Commitment"
Description: "Commitment: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #court "Court or probation"
* #family "Family or child care"
* #medical "Other treatment"
* #other "Other"
* #school "School"
* #work "Work"

CodeSystem: IopContactWishSystem
Id: contact-wish
Title: "Contact wish"
Description: "Contact wish: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #mobile-only "Mobile phone only"
* #no-calls-at-home "No calls at home"
* #no-calls-at-work "No calls at work"
* #no-detail-in-voicemail "Voicemail without detail"
* #no-email "No e-mail"
* #no-mail "No letters home"
* #no-text "No text messages"
* #no-voicemail "No voicemail"
* #plain-envelope "Plain envelope only"
* #use-alternate-address "Use the alternate address"

CodeSystem: IopCredentialSystem
Id: credential
Title: "Credential"
Description: "Credential: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #certified-addiction-counselor "Certified alcohol and drug counselor"
* #certified-peer-specialist "Certified peer specialist"
* #clinical-supervisor "Clinical supervisor"
* #licensed-addiction-counselor "Licensed addiction counselor"
* #licensed-clinical-social-worker "Licensed clinical social worker"
* #licensed-marriage-family-therapist "Licensed marriage and family therapist"
* #licensed-professional-counselor "Licensed professional counselor"
* #licensed-psychologist "Licensed psychologist"
* #opioid-prescriber "Registration to prescribe controlled substances"
* #registered-counselor-intern "Counselor in training"

CodeSystem: IopDiagnosisAreaSystem
Id: diagnosis-area
Title: "Diagnosis area"
Description: "Diagnosis area: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #mental-health "Mental health"
* #physical-health "Physical health"
* #social "Social"
* #substance-use "Substance use"

CodeSystem: IopDischargeReasonSystem
Id: discharge-reason
Title: "Discharge reason"
Description: "Discharge reason: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #completed "Completed treatment"
* #died "Died"
* #dropped-out "Stopped coming"
* #financial "Financial"
* #higher-level-needed "Higher level of care needed"
* #incarcerated "Incarcerated"
* #medical "Medical"
* #moved "Moved"
* #other "Other"
* #participant-decision "Decision of the participant"
* #program-closed "Program closed"
* #terminated-by-program "Ended by the program"
* #transferred "Transferred to another program"

CodeSystem: IopDischargeTypeSystem
Id: discharge-type
Title: "Discharge type"
Description: "Discharge type: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #completed "Treatment completed"
* #not-completed "Treatment not completed"
* #transferred "Transferred or referred to another program"

CodeSystem: IopDisciplineSystem
Id: discipline
Title: "Discipline"
Description: "Discipline: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #addiction-counselor "Addiction counselor"
* #addiction-physician "Addiction medicine physician"
* #case-manager "Case manager"
* #clinical-supervisor "Clinical supervisor"
* #family-therapist "Family therapist"
* #group-facilitator "Group facilitator"
* #intake-coordinator "Intake coordinator"
* #nurse "Nurse"
* #nurse-prescriber "Nurse prescriber"
* #peer-mentor "Peer mentor"
* #physician-assistant "Physician assistant"
* #program-director "Program director"
* #psychiatrist "Psychiatrist"
* #psychologist "Psychologist"
* #social-worker "Social worker"
* #technician "Technician"
* #therapist "Therapist"
* #utilization-reviewer "Utilization reviewer"

CodeSystem: IopDrugPanelSystem
Id: drug-panel
Title: "Drug panel"
Description: "Drug panel: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #on-site-cup "On-site cup"
* #oral-fluid-device "Oral fluid device"

CodeSystem: IopEpisodeKindSystem
Id: episode-kind
Title: "Episode kind"
Description: "Episode kind: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #co-occurring "Co-occurring substance use and mental health"
* #developmental "Intellectual and developmental disability"
* #mental-health "Mental health"

CodeSystem: IopEpisodeStepSystem
Id: episode-step
Title: "Episode step"
Description: "Episode step: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #step-down-from "Stepped down from"
* #step-down-to "Stepped down to"
* #step-up-to "Stepped up to"
* #this-program "In this program"

CodeSystem: IopGoalCategorySystem
Id: goal-category
Title: "Goal category"
Description: "Goal category: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #abstinence "Abstinence or reduced use"
* #family "Family and relationships"
* #housing "Housing"
* #legal "Legal"
* #life-skills "Life skills"
* #mental-health "Mental health"
* #physical-health "Physical health"
* #support-network "Support network"
* #work "Work or school"

CodeSystem: IopLevelOfCareSystem
Id: level-of-care
Title: "Level of care"
Description: "Level of care: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #level-0-5 "Level 0.5"
* #level-1 "Level 1"
* #level-2-1 "Level 2.1"
* #level-2-5 "Level 2.5"
* #level-3-1 "Level 3.1"
* #level-3-3 "Level 3.3"
* #level-3-5 "Level 3.5"
* #level-3-7 "Level 3.7"

CodeSystem: IopObservationCategorySystem
Id: observation-category
Title: "Observation category"
Description: "Observation category: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #drug-screen "Drug screen"

CodeSystem: IopOrganizationKindSystem
Id: organization-kind
Title: "Organization kind"
Description: "Organization kind: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #court "Court or probation office"
* #hospital "Hospital"
* #iop-program "Intensive outpatient program"
* #laboratory "Laboratory"
* #opioid-treatment-program "Opioid treatment program"
* #residential-facility "Residential treatment facility"
* #sober-living "Sober living home"
* #withdrawal-facility "Withdrawal management facility"

CodeSystem: IopPart2PostureSystem
Id: part2-posture
Title: "Part2 posture"
Description: "Part2 posture: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #hipaa "HIPAA covered entity"
* #mixed "Part 2 unit in a general facility"
* #neither "Neither"
* #part2 "42 CFR Part 2 program"

CodeSystem: IopPaymentSystem
Id: payment
Title: "Payment"
Description: "Payment: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #commercial-insurance "Commercial insurance"
* #medicaid "Medicaid"
* #medicare "Medicare"
* #payment-plan "Payment plan"
* #self-pay "Self-pay"
* #sliding-fee "Sliding fee"
* #state-funding "State or block-grant funding"
* #tricare "TRICARE"

CodeSystem: IopPlanActivitySystem
Id: plan-activity
Title: "Plan activity"
Description: "Plan activity: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #drug-screening "Drug screening"
* #homework "Homework"
* #medication "Medication"
* #mutual-support "Mutual support meetings"
* #physical-activity "Physical activity"
* #referral "Referral"

CodeSystem: IopProgramFeatureSystem
Id: program-feature
Title: "Program feature"
Description: "Program feature: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #adolescents "Adolescents"
* #afternoon "Afternoon track"
* #child-care "Child care on site"
* #evening "Evening track"
* #family-program "Family program"
* #hybrid "Virtual and in-person attendance"
* #medication-for-addiction "Medication for addiction treatment"
* #morning "Morning track"
* #transport-help "Transport help"
* #veterans "Veterans"
* #virtual "Virtual attendance"
* #weekend "Weekend track"
* #women-only "Women only"

CodeSystem: IopProgramKindSystem
Id: program-kind
Title: "Program kind"
Description: "Program kind: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #aftercare "Aftercare"
* #care-coordination "Care coordination"
* #case-management "Case management"
* #co-occurring-iop "Co-occurring disorders intensive outpatient"
* #crisis "Crisis services"
* #idd-support "Intellectual and developmental disability support"
* #mental-health-iop "Mental health intensive outpatient"
* #mental-health-outpatient "Mental health outpatient"
* #opioid-treatment "Opioid treatment program"
* #partial-hospitalization "Partial hospitalization"
* #recovery-support "Recovery support"
* #residential "Residential treatment"
* #substance-use-iop "Substance use intensive outpatient"
* #substance-use-outpatient "Substance use outpatient"
* #withdrawal-management "Withdrawal management"

CodeSystem: IopReferralSourceSystem
Id: referral-source
Title: "Referral source"
Description: "Referral source: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #community "Community or religious organization"
* #court "Court or criminal justice"
* #drug-court "Drug or treatment court"
* #employer "Employer or employee assistance"
* #individual "Self, family or friend"
* #mental-health-provider "Mental health provider"
* #other-health-provider "Other health care provider"
* #school "School"
* #substance-use-provider "Substance use treatment provider"

CodeSystem: IopRemissionSystem
Id: remission
Title: "Remission"
Description: "Remission: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #early "Early remission"
* #early-in-controlled-environment "Early remission, in a controlled environment"
* #on-maintenance-therapy "On maintenance therapy"
* #sustained "Sustained remission"
* #sustained-in-controlled-environment "Sustained remission, in a controlled environment"

CodeSystem: IopScreeningSeveritySystem
Id: screening-severity
Title: "Screening severity"
Description: "Screening severity: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #high "High"
* #low "Low"
* #mild "Mild"
* #minimal "Minimal"
* #moderate "Moderate"
* #moderately-severe "Moderately severe"
* #negative "Negative screen"
* #none "None"
* #positive "Positive screen"
* #severe "Severe"
* #substantial "Substantial"

CodeSystem: IopServiceCategorySystem
Id: service-category
Title: "Service category"
Description: "Service category: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #program "Treatment program"
* #therapy-group "Therapy group"

CodeSystem: IopSessionKindSystem
Id: session-kind
Title: "Session kind"
Description: "Session kind: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #assessment "Assessment"
* #case-management "Case management"
* #crisis "Crisis intervention"
* #education "Education"
* #family "Family"
* #group "Group"
* #individual "Individual"
* #life-skills "Life skills"
* #medication-management "Medication management"
* #mindfulness "Mindfulness or holistic practice"
* #peer-support "Peer support"
* #relapse-prevention "Relapse prevention"

CodeSystem: IopSitePlaceSystem
Id: site-place
Title: "Site place"
Description: "Site place: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #virtual "Virtual"

CodeSystem: IopSpecimenCheckSystem
Id: specimen-check
Title: "Specimen check"
Description: "Specimen check: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #appearance "Appearance"
* #creatinine "Creatinine"
* #nitrite "Nitrite"
* #oxidant "Oxidant"
* #ph "pH"
* #specific-gravity "Specific gravity"
* #temperature "Temperature when collected"

CodeSystem: IopTherapySystem
Id: therapy
Title: "Therapy"
Description: "Therapy: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #act "Acceptance and commitment therapy"
* #cbt "Cognitive behavioral therapy"
* #contingency-management "Contingency management"
* #dbt "Dialectical behavior therapy"
* #emdr "Eye movement desensitization and reprocessing"
* #exposure "Exposure therapy"
* #expressive "Art, music or movement therapy"
* #family-systems "Family systems therapy"
* #interpersonal "Interpersonal therapy"
* #matrix-model "Matrix model"
* #mindfulness-based "Mindfulness-based relapse prevention"
* #motivational-interviewing "Motivational interviewing"
* #psychoeducation "Psychoeducation"
* #seeking-safety "Seeking Safety"
* #solution-focused "Solution-focused therapy"
* #trauma-informed "Trauma-informed care"
* #twelve-step-facilitation "Twelve-step facilitation"

CodeSystem: IopTransportNeedSystem
Id: transport-need
Title: "Transport need"
Description: "Transport need: words of the program without a standard code."
* ^caseSensitive = true
* ^experimental = false
* #needs-ride "Needs a ride"
* #no-driving-license "No driving license"
* #none "No need"
* #public-transit-pass "Needs a transit pass"
* #wheelchair-vehicle "Needs a wheelchair vehicle"
