// Writes settings.json and one file of vectors a topic. Run on purpose only: `node test/vectors/generate.mjs`.
// ECDSA and PSS signatures are random; those of an earlier run are kept where what they sign has not changed.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { SETTINGS } from './generate/settings.mjs';
import { rememberSignature } from './generate/token.mjs';

const HERE = new URL('./', import.meta.url);
const TOPICS = new URL('./generate/topics/', HERE);

function write(name, value) {
  writeFileSync(new URL(name, HERE), `${JSON.stringify(value, undefined, 2)}\n`);
}

for (const file of readdirSync(HERE).filter((name) => name.endsWith('.json'))) {
  for (const { authorization } of JSON.parse(readFileSync(new URL(file, HERE), 'utf8')).vectors ?? []) {
    for (const value of authorization) rememberSignature(value.slice(value.indexOf(' ') + 1));
  }
}

let count = 0;
const seen = new Set();
for (const file of readdirSync(TOPICS).sort()) {
  const { topic } = await import(new URL(file, TOPICS).href);
  for (const { id, settings } of topic.vectors) {
    if (seen.has(id)) throw new Error(`two vectors are called ${id}`);
    if (SETTINGS[settings] === undefined) throw new Error(`${id}: no settings are called ${settings}`);
    seen.add(id);
  }
  count += topic.vectors.length;
  write(`${topic.name}.json`, {
    $schema: './vector.schema.json',
    topic: topic.name,
    comment: topic.comment,
    vectors: topic.vectors,
  });
}
write('settings.json', { $schema: './settings.schema.json', groups: SETTINGS });
console.log(`${count} vectors`);
