// Runs Wycheproof's vectors on whatever Lua runs this: in plain TypeScript, or through luaossl.
// Arguments: the file with the vectors, as a Lua table. Prints a line for each: its id and the answer.
import { createLuaosslBackend } from '../../../haproxy/ports/signatures/luaossl';
import { createSignatures, type PreparedSignatures } from '../../../haproxy/ports/signatures/signatures';
import { text } from '../../../haproxy/ports/text';
import { base64UrlLength } from '../../../src/codec/base64';
import { findAlgorithm, type AlgorithmName } from '../../../src/model/algorithm';
import { compileSettings } from '../../../src/settings/environment';
import { begin, createTrust, resume, type Step } from '../../../src/token/flow';
import type { PublicKey, VerificationKey } from '../../../src/model/key';
import type { Settings } from '../../../src/model/settings';
import { plainHash } from '../../../src/crypto/plain-hash';
import { createPlainSignatures } from '../../../src/crypto/plain-signatures';
import type { SignatureOutcome } from '../../../src/ports/signatures';

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

declare const arg: readonly string[];

const input = dofile(arg[0] ?? '') as Input;
const isPlain = input.backend === 'plain';

function createPort(): PreparedSignatures {
  if (isPlain) {
    const plain = createPlainSignatures(plainHash);
    const prepare = (keys: readonly VerificationKey[]): string[] =>
      keys.map((key) => plain.prepare(key)).filter((problem) => problem !== undefined);
    return {
      algorithms: plain.algorithms,
      summary: '',
      prepare,
      verify: (request) => plain.verify(request),
      retain: () => undefined,
    };
  }
  const luaossl = createLuaosslBackend();
  if (luaossl === undefined) error('luaossl is not installed', 0);
  return createSignatures([luaossl]);
}

const port = createPort();

/** The core's check before any backend is asked; the plain one must do without. */
function hasLength(algorithm: AlgorithmName, key: PublicKey, signature: string): boolean {
  const length = key.type === 'RSA' ? key.modulusLength : (findAlgorithm(algorithm)?.signatureLength ?? 0);
  return isPlain || signature.length === base64UrlLength(length);
}

function bytesOf(hex: string): string {
  const [bytes] = string.gsub(hex, '..', (pair) => string.char(tonumber(pair, 16) ?? 0));
  return bytes;
}

for (const { id, algorithm, key: at, message, signature } of input.signatures) {
  const key = input.keys[at];
  if (key === undefined || !port.algorithms.includes(algorithm) || !hasLength(algorithm, key, signature)) {
    print(id + (port.algorithms.includes(algorithm) ? ' invalid' : ' unavailable'));
    continue;
  }
  port.prepare([key]);
  print(id + ' ' + port.verify({ algorithm, key, signingInput: bytesOf(message), signature }));
}

function settingsOf(keySet: string): Settings | undefined {
  const environment: Record<string, string> = { OAUTH_ISSUER: 'x', OAUTH_AUDIENCE: '*', OAUTH_JWKS_PATH: 'keys' };
  const source = {
    environment: (name: string) => environment[name],
    readFile: () => ({ ok: true as const, text: keySet }),
  };
  const answer = compileSettings(source, text, port.algorithms);
  if (!answer.ok) return undefined;
  const issuer = answer.settings.issuers[0];
  const configured = issuer?.sources.configured;
  if (configured === undefined) return undefined;
  return port.prepare(configured.keys).length === 0 ? answer.settings : undefined;
}

/** Whether some signature check of the core's comes out valid; claims are not looked at. */
function judge(settings: Settings, token: string): SignatureOutcome {
  const known = createTrust(settings, text);
  let step: Step = begin(known, token);
  let last: SignatureOutcome = 'invalid';
  while (step.kind === 'verify') {
    last = port.verify(step.pending.request);
    if (last === 'valid') return last;
    step = resume(known, step.pending, last, 0);
  }
  return last;
}

const settings = new LuaTable<number, Settings>();
for (let at = 0; at < input.keySets.length; at++) {
  const compiled = settingsOf(input.keySets[at] ?? '');
  if (compiled !== undefined) settings.set(at, compiled);
}
for (const { id, keySet, token } of input.tokens) {
  const known = settings.get(keySet) as Settings | undefined;
  print(id + ' ' + (known === undefined ? 'invalid' : judge(known, token)));
}
