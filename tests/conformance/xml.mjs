// npm's fhir as a filter: a line {"json", "xml"} in, a line {"read", "written"} out: what it reads in the XML (JSON), and
// the XML it writes of the JSON.
//
// node xml.mjs NODE_MODULES. https://github.com/lantanagroup/FHIR.js
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const { Fhir } = createRequire(join(resolve(process.argv[2]), 'x.js'))('fhir');
const fhir = new Fhir();

function tried(work) {
  try {
    return work();
  } catch (failure) {
    return { failure: `${failure}` };
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const { json, xml } = JSON.parse(line);
  console.log(JSON.stringify({ read: tried(() => fhir.xmlToObj(xml)), written: tried(() => fhir.objToXml(json)) }));
}
