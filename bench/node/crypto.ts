// The same as bench/lua/crypto.ts on Node: plain TypeScript alone.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AlgorithmName, KeyType } from '../../src/model/algorithm';
import type { PublicKey } from '../../src/model/key';
import { createPlainSignatures } from '../../src/crypto/plain-signatures';
import type { Hash } from '../../src/ports/hash';

interface Case {
  readonly name: string;
  readonly algorithm: AlgorithmName;
  readonly type: KeyType;
  readonly spki: string;
  readonly modulusLength: number;
  readonly signingInput: string;
  readonly signature: string;
  readonly times: number;
}

const [file = '', rounds = '1'] = process.argv.slice(2);
const cases = JSON.parse(readFileSync(file, 'utf8')) as readonly Case[];
const hash: Hash = {
  digest: (name, bytes) => createHash(name.replace('-', '')).update(bytes, 'latin1').digest().toString('latin1'),
};
const plain = createPlainSignatures(hash);

console.log(`version\tNode ${process.versions.node}`);
for (let round = 0; round < Number(rounds); round += 1) {
  for (const { name, algorithm, type, spki, modulusLength, signingInput, signature, times } of cases) {
    const key: PublicKey = { kind: 'public', kid: undefined, type, algorithms: [algorithm], spki, modulusLength };
    const request = { algorithm, key, signingInput, signature };
    if (plain.verify(request) !== 'valid') throw new Error(`${name} does not verify`);
    const start = process.cpuUsage();
    for (let count = 0; count < times * 4; count += 1) plain.verify(request);
    const { user, system } = process.cpuUsage(start);
    console.log(`plain ${name}\t${(user + system) / 1000 / times / 4}`);
  }
}
