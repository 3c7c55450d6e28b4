// The keys and algorithms that the environment names.
import { utf8Length } from '../codec/character';
import { MAX_KEY_FILE_LENGTH, readJwkSet, readPemFile, type KeyFile } from '../keys/key-file';
import { findAlgorithm, type AlgorithmName } from './algorithm';
import type { Compilation } from './compile-settings';
import type { PublicKey, VerificationKey } from './key';
import { algorithmsFor } from '../keys/jwk';
import { checkKeyUrl, discoveryUrl, type RemoteKeys } from '../keys/key-url';
import { splitWords } from './words';

const PUBLIC_KEY_PATH = 'OAUTH_PUBKEY_PATH';
const JWKS_PATH = 'OAUTH_JWKS_PATH';
const JWKS_URL = 'OAUTH_JWKS_URL';
const ALLOW_HTTP = 'OAUTH_ALLOW_HTTP';
const SECRET = 'OAUTH_HMAC_SECRET';
export const ALGORITHM_NAMES = 'OAUTH_ALGORITHMS';

/** RFC 7518 §3.2: at least the size of the shortest hash, 256 bits. */
const MIN_SECRET_LENGTH = 32;

/** Reads the key file that a setting names; notes why when no key comes out of it. */
function readKeyFile(
  compilation: Compilation,
  setting: string,
  parse: (content: string) => KeyFile,
): readonly PublicKey[] {
  const path = compilation.source.environment(setting);
  if (path === undefined) return [];
  if (path === '') {
    compilation.problems.push({ setting, message: 'is empty; give the path of a file, or unset it' });
    return [];
  }
  const answer = compilation.source.readFile(path);
  const place = '`' + path + '`';
  if (!answer.ok) {
    compilation.problems.push({ setting, message: 'cannot read ' + place + ': ' + answer.problem });
    return [];
  }
  if (answer.text.length > MAX_KEY_FILE_LENGTH) {
    compilation.problems.push({ setting, message: place + ' is longer than 1 MB' });
    return [];
  }
  const file = parse(answer.text);
  const list = file.keys.length === 0 ? compilation.problems : compilation.notices;
  const start = file.keys.length === 0 ? 'no key can be used from ' + place + ': ' : place + ': ';
  if (file.unusable.length > 0) list.push({ setting, message: start + file.unusable.join('; ') });
  return file.keys;
}

/** The shared secret as a key; undefined when there is none. */
function readSecret(compilation: Compilation): VerificationKey | undefined {
  const secret = compilation.source.environment(SECRET);
  if (secret === undefined) return undefined;
  let message: string | undefined;
  if (secret === '') message = 'is empty; set it, or unset it where tokens are signed with a private key';
  else if (secret.indexOf('-----BEGIN ') >= 0) message = 'holds a PEM block; name a file with it in OAUTH_PUBKEY_PATH';
  else if (utf8Length(secret, compilation.text) < MIN_SECRET_LENGTH) {
    message = 'is shorter than ' + MIN_SECRET_LENGTH.toString() + ' bytes and could be guessed (RFC 7518 section 3.2)';
  }
  if (message !== undefined) compilation.problems.push({ setting: SECRET, message });
  return { kind: 'secret', kid: undefined, type: 'oct', algorithms: algorithmsFor('oct'), secret };
}

function isSet(compilation: Compilation, setting: string): boolean {
  return compilation.source.environment(setting) !== undefined;
}

/** Whether a plain http:// key URL is allowed: the operator must say `1`. */
function readAllowHttp(compilation: Compilation): boolean {
  const value = compilation.source.environment(ALLOW_HTTP);
  if (value !== undefined && value !== '0' && value !== '1') {
    compilation.problems.push({ setting: ALLOW_HTTP, message: 'is neither 1 (key URLs may be plain http) nor 0' });
  }
  return value === '1';
}

/** The URL that keys are fetched from: the one that is set, or else the issuer's discovery document. */
function readRemote(compilation: Compilation, issuer: string): RemoteKeys {
  const url = compilation.source.environment(JWKS_URL);
  const allowHttp = readAllowHttp(compilation);
  if (url !== undefined) {
    const fault = url === '' ? 'is empty; give a URL, or unset it' : checkKeyUrl(url, allowHttp, compilation.text);
    if (fault !== undefined) compilation.problems.push({ setting: JWKS_URL, message: fault });
    return { kind: 'jwks', url, issuer, allowHttp };
  }
  const discovered = discoveryUrl(issuer);
  const fault = issuer === '' ? undefined : checkKeyUrl(discovered, allowHttp, compilation.text);
  if (fault !== undefined) {
    const others = JWKS_PATH + ', ' + JWKS_URL + ' or ' + SECRET;
    const message = 'is not set, nor is ' + others + '; and the discovery URL of OAUTH_ISSUER ' + fault;
    compilation.problems.push({ setting: PUBLIC_KEY_PATH, message });
  }
  return { kind: 'discovery', url: discovered, issuer, allowHttp };
}

/** Notes each pair of key settings that cannot both be meant. */
function checkSources(compilation: Compilation): void {
  const file = isSet(compilation, PUBLIC_KEY_PATH) ? PUBLIC_KEY_PATH : JWKS_PATH;
  const hasFile = isSet(compilation, file);
  if (isSet(compilation, SECRET) && (hasFile || isSet(compilation, JWKS_URL))) {
    // RFC 8725 §2.1: a verifier that takes both can be made to use a public key as a secret.
    const other = hasFile ? file : JWKS_URL;
    const message = 'contradicts ' + other + ': tokens are signed with a shared secret or with a private key, set one';
    compilation.problems.push({ setting: SECRET, message });
  }
  if (hasFile && isSet(compilation, JWKS_URL)) {
    const message = 'contradicts ' + file + ': keys come from files or from a URL, set one';
    compilation.problems.push({ setting: JWKS_URL, message });
  }
}

/** The keys that the environment holds, or where they are to be fetched. */
export type KeyConfiguration =
  | { readonly kind: 'configured'; readonly keys: readonly VerificationKey[] }
  | { readonly kind: 'remote'; readonly source: RemoteKeys };

/** Where the keys come from: the files' public keys together, the secret alone, or a URL. */
export function readKeys(compilation: Compilation, issuer: string): KeyConfiguration {
  checkSources(compilation);
  const fromPem = readKeyFile(compilation, PUBLIC_KEY_PATH, readPemFile);
  const fromSet = readKeyFile(compilation, JWKS_PATH, (content) => readJwkSet(content, compilation.text));
  const secret = readSecret(compilation);
  if (secret !== undefined) return { kind: 'configured', keys: [secret] };
  if (!isSet(compilation, PUBLIC_KEY_PATH) && !isSet(compilation, JWKS_PATH)) {
    return { kind: 'remote', source: readRemote(compilation, issuer) };
  }
  const keys: VerificationKey[] = [];
  return { kind: 'configured', keys: keys.concat(fromPem, fromSet) };
}

/** The algorithms that the operator allows; undefined when the keys decide. */
export function readAlgorithmNames(compilation: Compilation): readonly AlgorithmName[] | undefined {
  const value = compilation.source.environment(ALGORITHM_NAMES);
  if (value === undefined) return undefined;
  const words = splitWords(value.split(',').join(' '));
  const names: AlgorithmName[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const algorithm = findAlgorithm(word);
    if (algorithm !== undefined) {
      names.push(algorithm.name);
      continue;
    }
    const why = word.toLowerCase() === 'none' ? 'means no signature and is never allowed' : 'is not known';
    compilation.problems.push({ setting: ALGORITHM_NAMES, message: '`' + word + '` ' + why });
  }
  if (words.length === 0) {
    compilation.problems.push({ setting: ALGORITHM_NAMES, message: 'is empty; name algorithms, or unset it' });
  }
  return names;
}
