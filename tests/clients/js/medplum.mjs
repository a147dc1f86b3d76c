// MedplumClient against a server that is not Medplum's: what of it is plain FHIR.
// npm: @medplum/core

import assert from 'node:assert/strict';
import { MedplumClient } from '@medplum/core';
import { MRN, base, batch, ids, mark, note, patient, refused, run, transaction } from './asking.mjs';

const asked = { baseUrl: base.replace(/fhir$/, ''), fhirUrlPath: 'fhir', fetch };
const client = new MedplumClient({ ...asked, cacheTime: 0 });
const made = (word) => client.createResource(patient(word));
const codeOf = (error) => error.outcome.issue[0].code;
const SET = 'https://iop-fhir-adapter.org/fhir/ValueSet/attendance';

await run({
  'a record is created, read, changed, patched and deleted': async () => {
    const one = await made(mark());
    assert.deepEqual(await client.readResource('Patient', one.id), one);
    assert.deepEqual(await client.readReference({ reference: `Patient/${one.id}` }), one);
    const changed = await client.updateResource({ ...one, gender: 'other' });
    assert.equal(changed.meta.versionId, '2');
    assert.deepEqual(await client.updateResource({ ...one, gender: 'other' }), changed);
    const patched = await client.patchResource('Patient', one.id, [
      { op: 'replace', path: '/gender', value: 'unknown' },
    ]);
    assert.deepEqual([patched.gender, patched.meta.versionId], ['unknown', '3']);
    assert.equal((await client.readVersion('Patient', one.id, '1')).gender, 'female');
    assert.equal((await client.readHistory('Patient', one.id)).entry.length, 3);
    await client.deleteResource('Patient', one.id);
    assert.equal(codeOf(await refused(client.readResource('Patient', one.id))), 'deleted');
  },
  'only the version that was seen is changed': async () => {
    const one = await made(mark());
    const seen = { headers: { 'If-Match': 'W/"1"' } };
    await client.updateResource({ ...one, gender: 'other' }, seen);
    assert.equal(codeOf(await refused(client.updateResource({ ...one, gender: 'male' }, seen))), 'conflict');
  },
  'a create and an update with a condition': async () => {
    const word = mark();
    const sought = `identifier=${MRN}|${word}`;
    const [first, again] = [
      await client.createResourceIfNoneExist(patient(word), sought),
      await client.createResourceIfNoneExist(patient(word), sought),
    ];
    assert.deepEqual(again, first);
    const updated = await client.upsertResource(patient(word, { gender: 'other' }), sought);
    assert.deepEqual([updated.id, updated.gender], [first.id, 'other']);
  },
  'searches, with links and their pages': async () => {
    const word = mark();
    const { id } = await made(word);
    const notes = [];
    for (let day = 1; day < 6; day += 1) notes.push(await client.createResource(note(`Patient/${id}`, day)));
    const chained = `subject:Patient.identifier=${MRN}|${word}`;
    assert.deepEqual(ids(await client.searchResources('Observation', chained)), ids(notes));
    assert.equal((await client.searchOne('Patient', { identifier: `${MRN}|${word}` })).id, id);
    const page = await client.search('Observation', `${chained}&_include=Observation:subject&_count=2`);
    assert.deepEqual(
      page.entry.map((entry) => entry.search.mode),
      ['match', 'match', 'include'],
    );
    const next = await client.get(page.link.find((link) => link.relation === 'next').url);
    assert.equal(next.entry.length, 3);
    // Its own walk adds a _count to the server's link, which is to be followed as it is.
    const walk = client.searchResourcePages('Observation', `${chained}&_count=2`);
    await walk.next();
    assert.equal(codeOf(await refused(walk.next())), 'invalid');
  },
  'a transaction and a batch are answered entry by entry': async () => {
    const done = await client.executeBatch(transaction(mark()));
    assert.deepEqual(
      done.entry.map((entry) => entry.response.status),
      ['201 Created', '201 Created'],
    );
    const read = await client.executeBatch(batch('Patient/none', 'ValueSet/attendance'));
    assert.deepEqual(
      read.entry.map((entry) => entry.response.status.slice(0, 3)),
      ['404', '200'],
    );
  },
  'what it asks at once it asks as one batch': async () => {
    const one = await made(mark());
    const gathering = new MedplumClient({ ...asked, autoBatchTime: 20 });
    const found = await Promise.all([
      gathering.readResource('Patient', one.id),
      gathering.search('Patient', '_count=1'),
    ]);
    assert.deepEqual(
      found.map((each) => each.resourceType),
      ['Patient', 'Bundle'],
    );
  },
  'operations that are R4': async () => {
    const { id } = await made(mark());
    assert.deepEqual(ids((await client.readPatientEverything(id)).entry), [id]);
    assert.ok((await client.valueSetExpand({ url: SET, count: 2 })).expansion.contains.length === 2);
    const told = await client.validateResource(patient(mark(), { gender: 'F' }));
    assert.deepEqual(
      told.issue.filter((issue) => issue.severity === 'error').map((issue) => issue.code),
      ['code-invalid'],
    );
    assert.equal((await client.get(client.fhirUrl('metadata'))).fhirVersion, '4.0.1');
  },
  'what is not served is refused with an outcome': async () => {
    const { id } = await made(mark());
    const calls = [
      () => client.readPatientSummary(id),
      () => client.graphql('{ PatientList { id } }'),
      () => client.bulkExport(),
      // A Binary is taken as a resource, not yet as the bytes themselves.
      () => client.createBinary({ data: 'as said', contentType: 'text/plain' }),
    ];
    for (const call of calls) assert.equal(codeOf(await refused(call())), 'not-supported');
  },
  'what is wrong is told with its place': async () => {
    const wrong = await refused(client.createResource(patient(mark(), { gender: 'F' })));
    assert.deepEqual(wrong.outcome.issue[0].expression, ['Patient.gender']);
    assert.equal(codeOf(await refused(client.readResource('Patient', 'none'))), 'not-found');
  },
});
