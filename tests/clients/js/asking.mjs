// What the scripts have in common: the base of the server, invented records, and how checks are run and told.
// Each script stands beside the installed modules and is run as `node SCRIPT.mjs BASE`.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

export const base = process.argv[2];
export const MRN = 'https://clinic.example/mrn';

export const mark = () => `mark-${randomUUID()}`;

export const patient = (word, more = {}) => ({
  resourceType: 'Patient',
  name: [{ family: 'Invented', given: ['Ada'] }],
  gender: 'female',
  identifier: [{ system: MRN, value: word }],
  ...more,
});

export const note = (subject, day) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'mood' },
  subject: { reference: subject },
  effectiveDateTime: `2026-03-0${day}`,
  valueString: 'steady',
});

export const transaction = (word) => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    {
      fullUrl: 'urn:uuid:5e0c1c2e-6a5b-4c6e-9f0a-3b1f0c2d4e5f',
      resource: patient(word),
      request: { method: 'POST', url: 'Patient' },
    },
    {
      resource: note('urn:uuid:5e0c1c2e-6a5b-4c6e-9f0a-3b1f0c2d4e5f', 1),
      request: { method: 'POST', url: 'Observation' },
    },
  ],
});

export const batch = (...urls) => ({
  resourceType: 'Bundle',
  type: 'batch',
  entry: urls.map((url) => ({ request: { method: 'GET', url } })),
});

export const ids = (entries) => entries.map((entry) => (entry.resource ?? entry).id).sort();

// Runs each check and tells of all; the exit code says whether every one held.
export async function run(checks) {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      console.log(`ok: ${name}`);
    } catch (error) {
      process.exitCode = 1;
      console.log(`FAILED: ${name}: ${error.message}`);
    }
  }
}

// The error that a call must end with.
export async function refused(call) {
  try {
    await call;
  } catch (error) {
    return error;
  }
  return assert.fail('it was not refused');
}
