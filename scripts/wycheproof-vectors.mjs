// Makes test/wycheproof/vectors/ out of a local copy of Wycheproof, whose `testvectors_v1` folder is the one argument
// (Debian's package golang-github-c2sp-wycheproof-dev has it).
// What is kept: each test of each group that JWS has an algorithm for, as it is, and the notes on all its flags. What is
// left out: groups for other parameters or for secret keys, and all but one form of each public key.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TARGET = fileURLToPath(new URL('../test/wycheproof/vectors/', import.meta.url));

const FILES = [
  /^rsa_signature_(2048|3072|4096|8192)_sha(256|384|512)_test\.json$/,
  /^rsa_pss_(2048|3072|4096|misc)(_sha(256|384|512)_mgf1_\d+)?_test\.json$/,
  /^ecdsa_(secp256r1_sha256|secp384r1_sha384|secp521r1_sha512)_p1363_test\.json$/,
  /^ed25519_test\.json$/,
  /^json_web_(signature|key)_test\.json$/,
];

/** Forms of a public key beside the one that is kept: SubjectPublicKeyInfo in DER, or a JWK where there is only that. */
const OTHER_FORMS = ['publicKeyPem', 'publicKeyAsn', 'publicKeyJwk', 'keyJwk', 'publicKey'];

const DIGEST_BYTES = { 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 };

/** RFC 7518 §3.5: one hash for message and mask, a salt as long as the hash. */
function isOfJws(group) {
  if (group.type === 'RsassaPssVerify') {
    return group.sha === group.mgfSha && group.sLen === DIGEST_BYTES[group.sha];
  }
  if (group.type.startsWith('JsonWeb')) {
    const keys = group.private.keys ?? [group.private];
    return keys.some((key) => key.kty !== 'oct');
  }
  return true;
}

function reduceGroup(group) {
  const kept = Object.entries(group).filter(([name]) => !OTHER_FORMS.includes(name) && name !== 'tests');
  // A private key is of no use to a verifier; groups of symmetric keys were left out before.
  const members = kept.filter(([name]) => name !== 'private' || group.public === undefined);
  return { ...Object.fromEntries(members), tests: group.tests };
}

/** JSON with one line for each test, so that a newer copy shows what changed. */
function format({ tests, ...rest }) {
  const lines = tests.map((test) => JSON.stringify(test)).join(',\n');
  return `${JSON.stringify(rest).slice(0, -1)},"tests":[\n${lines}\n]}`;
}

const [source] = process.argv.slice(2);
if (source === undefined) {
  console.error('usage: node scripts/wycheproof-vectors.mjs <the testvectors_v1 folder of Wycheproof>');
  process.exit(2);
}
let total = 0;
for (const name of readdirSync(source).sort()) {
  if (!FILES.some((pattern) => pattern.test(name))) continue;
  const { testGroups, ...head } = JSON.parse(readFileSync(join(source, name), 'utf8'));
  const groups = testGroups.filter(isOfJws).map(reduceGroup);
  const tests = groups.reduce((sum, group) => sum + group.tests.length, 0);
  if (tests === 0) continue;
  const { numberOfTests, ...meta } = head;
  const opening = JSON.stringify({ ...meta, numberOfTests: tests, numberOfTestsInOriginal: numberOfTests });
  writeFileSync(join(TARGET, name), `${opening.slice(0, -1)},"testGroups":[\n${groups.map(format).join(',\n')}\n]}\n`);
  console.log(`${name}: ${tests} of ${numberOfTests} tests`);
  total += tests;
}
console.log(`${total} tests`);
