// Runs Wycheproof's vectors on Node: in plain TypeScript, or through nginx's signature port on WebCrypto.
// Arguments: the file with the vectors. Prints a line for each: its id and the answer.
import fs from 'fs';
import { createSignatures } from '../../nginx/ports/signatures';
import { text } from '../../nginx/ports/text';
import { base64UrlLength } from '../../src/codec/base64';
import { findAlgorithm, type AlgorithmName } from '../../src/model/algorithm';
import { compileSettings } from '../../src/settings/environment';
import { begin, createTrust, resume } from '../../src/token/flow';
import type { PublicKey } from '../../src/model/key';
import type { Settings } from '../../src/model/settings';
import { plainHash } from '../../src/crypto/plain-hash';
import { createPlainSignatures } from '../../src/crypto/plain-signatures';
import type { SignatureOutcome, Signatures } from '../../src/ports/signatures';

interface Input {
  readonly backend: 'plain' | 'host';
  readonly keys: readonly PublicKey[];
  readonly signatures: readonly {
    readonly id: string;
    readonly algorithm: AlgorithmName;
    readonly key: number;
    readonly message: string;
    readonly signature: string;
  }[];
  readonly keySets: readonly string[];
  readonly tokens: readonly { readonly id: string; readonly keySet: number; readonly token: string }[];
}

declare const Buffer: {
  from: (text: string, encoding: string) => { toString(encoding: string): string };
};

const input = JSON.parse(String(fs.readFileSync(process.argv[2] ?? '', 'utf8'))) as Input;
const isPlain = input.backend === 'plain';
const port: Signatures<SignatureOutcome | Promise<SignatureOutcome>> = isPlain
  ? createPlainSignatures(plainHash)
  : createSignatures(true);

/** The core's check before any backend is asked; the plain one must do without. */
function hasLength(algorithm: AlgorithmName, key: PublicKey, signature: string): boolean {
  const length = key.type === 'RSA' ? key.modulusLength : (findAlgorithm(algorithm)?.signatureLength ?? 0);
  return isPlain || signature.length === base64UrlLength(length);
}

async function checkSignatures(): Promise<void> {
  for (let index = 0; index < input.signatures.length; index++) {
    const vector = input.signatures[index];
    if (vector === undefined) continue;
    const key = input.keys[vector.key];
    const signingInput = Buffer.from(vector.message, 'hex').toString('latin1');
    const outcome =
      key === undefined || !hasLength(vector.algorithm, key, vector.signature)
        ? 'invalid'
        : await port.verify({ algorithm: vector.algorithm, key, signingInput, signature: vector.signature });
    console.log(`${vector.id} ${outcome}`);
  }
}

function settingsOf(keySet: string): Settings | undefined {
  const environment: Record<string, string> = { OAUTH_ISSUER: 'x', OAUTH_AUDIENCE: '*', OAUTH_JWKS_PATH: 'keys' };
  const source = {
    environment: (name: string) => environment[name],
    readFile: () => ({ ok: true as const, text: keySet }),
  };
  const answer = compileSettings(source, text, port.algorithms);
  return answer.ok ? answer.settings : undefined;
}

/** Whether some signature check of the core's comes out valid; claims are not looked at. */
async function judge(settings: Settings, token: string): Promise<SignatureOutcome> {
  const known = createTrust(settings, text);
  let step = begin(known, token);
  let last: SignatureOutcome = 'invalid';
  while (step.kind === 'verify') {
    last = await port.verify(step.pending.request);
    if (last === 'valid') return last;
    step = resume(known, step.pending, last, 0);
  }
  return last;
}

async function checkTokens(): Promise<void> {
  const settings = input.keySets.map(settingsOf);
  for (let index = 0; index < input.tokens.length; index++) {
    const vector = input.tokens[index];
    if (vector === undefined) continue;
    const known = settings[vector.keySet];
    console.log(`${vector.id} ${known === undefined ? 'invalid' : await judge(known, vector.token)}`);
  }
}

async function run(): Promise<void> {
  const from = Buffer.from;
  // A signing input is ASCII, and the port encodes it as UTF-8. Messages here are any bytes: each character is one.
  Buffer.from = (value, encoding) => from(value, encoding === 'utf8' ? 'latin1' : encoding);
  await checkSignatures();
  Buffer.from = from;
  await checkTokens();
}

void run();
