// Medplum's validator as a filter: a line "name TAB resource" in, a line {"name", "issues"} out, in order.
//
// node medplum.mjs NODE_MODULES FOLDER...: the folders hold definitions with snapshots; R4's own come first. A resource
// is held to its base type and to every profile it claims. It knows no terminology. https://www.medplum.com/docs
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const [modules, ...folders] = process.argv.slice(2);
const { loadDataType, validateResource } = createRequire(join(resolve(modules), 'x.js'))('@medplum/core');

const definitions = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.startsWith('StructureDefinition-') && name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
    .filter((found) => found.snapshot)
);
definitions.forEach((found) => {
  try {
    loadDataType(found);
  } catch (failure) {
    console.error(`${found.url}: ${failure.message}`); // a resource that claims it gets an error below
  }
});
const byUrl = new Map(definitions.map((found) => [found.url, found]));

function issues(resource) {
  const claimed = (resource.meta?.profile ?? []).map((url) => byUrl.get(url.split('|')[0])).filter(Boolean);
  return [undefined, ...claimed].flatMap((profile) => against(resource, profile));
}

function against(resource, profile) {
  try {
    return validateResource(resource, { profile }).map((issue) => told(issue, profile));
  } catch (failure) {
    const found = failure.outcome?.issue ?? [{ severity: 'fatal', details: { text: `${failure}` } }];
    return found.map((issue) => told(issue, profile));
  }
}

function told(issue, profile) {
  return {
    severity: issue.severity,
    id: profile?.id ?? 'base',
    place: issue.expression?.join(', ') ?? '',
    message: issue.details?.text ?? issue.diagnostics ?? '',
  };
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const tab = line.indexOf('\t');
  let found;
  try {
    found = issues(JSON.parse(line.slice(tab + 1)));
  } catch (failure) {
    found = [{ severity: 'fatal', id: 'exception', place: '', message: `${failure}` }];
  }
  console.log(JSON.stringify({ name: line.slice(0, tab), issues: found }));
}
