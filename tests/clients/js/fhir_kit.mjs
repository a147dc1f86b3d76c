// fhir-kit-client: a plain FHIR client for Node.js. npm: fhir-kit-client

import assert from 'node:assert/strict';
import { Client } from 'fhir-kit-client';
import { MRN, base, batch, ids, mark, note, patient, refused, run, transaction } from './asking.mjs';

const client = new Client({ baseUrl: base });
const headers = (said) => ({ options: { headers: said } });
const responseOf = (resource) => Client.httpFor(resource).response;
const made = (word) => client.create({ resourceType: 'Patient', body: patient(word) });
const issuesOf = (error) => error.response.data.issue;

await run({
  'a record is created, read, changed, patched and deleted': async () => {
    const one = await made(mark());
    const at = { resourceType: 'Patient', id: one.id };
    assert.deepEqual(await client.read(at), one);
    const changed = await client.update({ ...at, body: { ...one, gender: 'other' } });
    assert.deepEqual([changed.gender, changed.meta.versionId], ['other', '2']);
    const patched = await client.patch({ ...at, jsonPatch: [{ op: 'replace', path: '/gender', value: 'unknown' }] });
    assert.deepEqual([patched.gender, patched.meta.versionId], ['unknown', '3']);
    assert.equal((await client.vread({ ...at, version: '1' })).gender, 'female');
    await client.delete(at);
    const gone = await refused(client.read(at));
    assert.deepEqual([gone.response.status, issuesOf(gone)[0].code], [410, 'deleted']);
  },
  'only the version that was seen is changed': async () => {
    const one = await made(mark());
    const seen = headers({ 'If-Match': responseOf(one).headers.get('etag') });
    const update = (gender) =>
      client.update({ resourceType: 'Patient', id: one.id, body: { ...one, gender }, ...seen });
    await update('other');
    const stale = await refused(update('male'));
    assert.deepEqual([stale.response.status, issuesOf(stale)[0].code], [412, 'conflict']);
  },
  'a search pages to the end, and back is not offered': async () => {
    const subject = `Patient/${(await made(mark())).id}`;
    const notes = [];
    for (let day = 1; day < 8; day += 1) {
      notes.push(await client.create({ resourceType: 'Observation', body: note(subject, day) }));
    }
    const seen = [];
    let page = await client.search({
      resourceType: 'Observation',
      searchParams: { subject, _count: 3, _sort: '-date' },
    });
    const first = page;
    for (; page; page = await client.nextPage({ bundle: page })) seen.push(...page.entry);
    assert.deepEqual(seen.map((entry) => entry.resource.effectiveDateTime).at(0), '2026-03-07');
    assert.deepEqual(ids(seen), ids(notes));
    assert.equal(client.prevPage({ bundle: first }), undefined);
  },
  'a search by form, in a compartment, along links and with what is linked': async () => {
    const word = mark();
    const { id } = await made(word);
    const one = await client.create({ resourceType: 'Observation', body: note(`Patient/${id}`, 1) });
    const searchParams = { 'subject:Patient.identifier': `${MRN}|${word}`, _include: 'Observation:subject' };
    for (const postSearch of [false, true]) {
      const found = await client.search({ resourceType: 'Observation', searchParams, options: { postSearch } });
      assert.deepEqual(
        found.entry.map((entry) => [entry.search.mode, entry.resource.id]),
        [
          ['match', one.id],
          ['include', id],
        ],
      );
    }
    const within = { resourceType: 'Patient', id };
    assert.deepEqual(ids((await client.search({ resourceType: 'Observation', compartment: within })).entry), [one.id]);
    assert.equal((await client.resolve({ reference: one.subject.reference })).id, id);
  },
  'a transaction and a batch are answered entry by entry': async () => {
    const done = await client.transaction({ body: transaction(mark()) });
    assert.deepEqual(
      done.entry.map((entry) => entry.response.status),
      ['201 Created', '201 Created'],
    );
    const address = done.entry[1].response.location.split('/fhir/')[1].split('/_history')[0];
    const read = await client.batch({ body: batch(address, '/metadata', 'Patient/none') });
    assert.deepEqual(
      read.entry.map((entry) => entry.response.status.slice(0, 3)),
      ['200', '400', '404'],
    );
    assert.equal(
      read.entry[0].resource.subject.reference,
      done.entry[0].response.location.split('/fhir/')[1].split('/_history')[0],
    );
  },
  'a create and an update with a condition': async () => {
    const word = mark();
    const sought = `identifier=${MRN}|${word}`;
    const create = () =>
      client.create({ resourceType: 'Patient', body: patient(word), ...headers({ 'If-None-Exist': sought }) });
    const [first, again] = [await create(), await create()];
    assert.deepEqual([responseOf(first).status, responseOf(again).status], [201, 200]);
    assert.deepEqual(again, first);
    const searchParams = { identifier: `${MRN}|${word}` };
    const updated = await client.update({
      resourceType: 'Patient',
      searchParams,
      body: patient(word, { gender: 'other' }),
    });
    assert.deepEqual([updated.id, updated.gender], [first.id, 'other']);
  },
  'history, everything and other operations': async () => {
    const { id } = await made(mark());
    await client.update({ resourceType: 'Patient', id, body: patient(mark(), { id }) });
    const versions = (bundle) => bundle.entry.filter((entry) => entry.resource?.id === id).length;
    assert.equal(versions(await client.history({ resourceType: 'Patient', id })), 2);
    assert.equal(versions(await client.history({ resourceType: 'Patient' })), 2);
    assert.equal(versions(await client.history()), 2);
    const everything = await client.operation({ name: 'everything', resourceType: 'Patient', id, method: 'GET' });
    assert.deepEqual(ids(everything.entry), [id]);
    const told = await client.operation({
      name: 'validate',
      resourceType: 'Patient',
      input: patient(mark(), { gender: 'F' }),
    });
    assert.deepEqual(
      told.issue.filter((issue) => issue.severity === 'error').map((issue) => issue.code),
      ['code-invalid'],
    );
  },
  'the statement says what the client asks of it': async () => {
    const statement = await client.capabilityStatement();
    assert.deepEqual(
      [statement.resourceType, statement.fhirVersion, statement.kind],
      ['CapabilityStatement', '4.0.1', 'instance'],
    );
    // Clients get tokens by their keys, and people log in; nobody registers over the network.
    const { tokenUrl, authorizeUrl, registerUrl } = await client.smartAuthMetadata();
    assert.equal(String(tokenUrl), base.replace(/\/fhir$/, '/oauth/token'));
    assert.equal(String(authorizeUrl), base.replace(/\/fhir$/, '/oauth/authorize'));
    assert.equal(registerUrl, undefined);
  },
  'what is wrong is told with its places': async () => {
    const wrong = await refused(
      client.create({ resourceType: 'Patient', body: patient(mark(), { gender: 'F', nickname: 'A' }) }),
    );
    assert.deepEqual(
      issuesOf(wrong)
        .flatMap((issue) => issue.expression)
        .sort(),
      ['Patient.gender', 'Patient.nickname'],
    );
    const absent = await refused(client.read({ resourceType: 'Patient', id: 'none' }));
    assert.deepEqual([absent.response.status, issuesOf(absent)[0].code], [404, 'not-found']);
  },
});
