// SMART's fhirclient for JavaScript, without a launch: its open FhirClient. npm: fhirclient

import assert from 'node:assert/strict';
import smart from 'fhirclient';
import { MRN, base, batch, ids, mark, note, patient, refused, run, transaction } from './asking.mjs';

const { FhirClient } = smart;
const client = new FhirClient(base);
const made = (word) => client.create(patient(word));
const all = async (generator) => {
  const found = [];
  for await (const one of generator) found.push(one);
  return found;
};
const posted = (body) =>
  client.fhirRequest('', {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/fhir+json' },
  });

await run({
  'it finds R4 in the statement': async () => {
    assert.deepEqual([await client.getFhirVersion(), await client.getFhirRelease()], ['4.0.1', 4]);
  },
  'a record is created, read, changed, patched and deleted': async () => {
    const one = await made(mark());
    assert.deepEqual(await client.fhirRequest(`Patient/${one.id}`), one);
    const changed = await client.update({ ...one, gender: 'other' });
    assert.deepEqual([changed.gender, changed.meta.versionId], ['other', '2']);
    const patched = await client.patch(`Patient/${one.id}`, [{ op: 'remove', path: '/gender' }]);
    assert.deepEqual([patched.gender, patched.meta.versionId], [undefined, '3']);
    await client.delete(`Patient/${one.id}`);
    assert.equal((await refused(client.fhirRequest(`Patient/${one.id}`))).status, 410);
  },
  'preconditions are passed on, and answered': async () => {
    const word = mark();
    const headers = { 'If-None-Exist': `identifier=${MRN}|${word}` };
    const [first, again] = [
      await client.create(patient(word), { headers }),
      await client.create(patient(word), { headers }),
    ];
    assert.deepEqual(again, first);
    const seen = { headers: { 'If-Match': 'W/"1"' } };
    await client.update({ ...first, gender: 'other' }, seen);
    assert.equal((await refused(client.update({ ...first, gender: 'male' }, seen))).status, 412);
  },
  'a search pages to the end': async () => {
    const subject = `Patient/${(await made(mark())).id}`;
    const notes = [];
    for (let day = 1; day < 8; day += 1) notes.push(await client.create(note(subject, day)));
    const address = `Observation?subject=${subject}&_count=3&_sort=date`;
    assert.deepEqual(ids(await all(client.resources(address))), ids(notes));
    assert.deepEqual(
      (await all(client.pages(address))).map((page) => page.entry.length),
      [3, 3, 1],
    );
    assert.equal((await all(client.resources(address, { limit: 4 }))).length, 4);
  },
  'links are followed by the server and by the client': async () => {
    const word = mark();
    const { id } = await made(word);
    const one = await client.create(note(`Patient/${id}`, 1));
    const found = await client.fhirRequest(
      `Observation?subject:Patient.identifier=${MRN}|${word}&_include=Observation:subject`,
    );
    assert.deepEqual(
      found.entry.map((entry) => entry.search.mode),
      ['match', 'include'],
    );
    assert.equal((await client.getReferences(one, ['subject']))[`Patient/${id}`].id, id);
    await client.resolveReferences(one, ['subject']);
    assert.equal(one.subject.id, id);
  },
  'a transaction and a batch are answered entry by entry': async () => {
    const done = await posted(transaction(mark()));
    assert.deepEqual(
      done.entry.map((entry) => entry.response.status),
      ['201 Created', '201 Created'],
    );
    const read = await posted(batch('Patient/none', 'Patient?_summary=count'));
    assert.deepEqual(
      read.entry.map((entry) => entry.response.status.slice(0, 3)),
      ['404', '200'],
    );
  },
  'history and everything': async () => {
    const one = await made(mark());
    await client.update({ ...one, gender: 'other' });
    assert.equal((await client.fhirRequest(`Patient/${one.id}/_history`)).total, 2);
    assert.deepEqual(ids((await client.fhirRequest(`Patient/${one.id}/$everything`)).entry), [one.id]);
  },
  'what is wrong is told in the error': async () => {
    const wrong = await refused(client.create(patient(mark(), { gender: 'F' })));
    assert.equal(wrong.status, 422);
    assert.match(wrong.message, /not in the required value set administrative-gender/);
    assert.match((await refused(client.fhirRequest('Patient/none'))).message, /no such resource/);
  },
});
