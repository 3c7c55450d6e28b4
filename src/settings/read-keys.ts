// Keys and algorithms: the environment's, and what a policy shares with it.
import { utf8Length } from '../codec/character';
import { MAX_KEY_FILE_LENGTH, readJwkSet, readPemFile, type KeyFile } from '../keys/key-file';
import { findAlgorithm, type AlgorithmName } from '../core/algorithm';
import type { PublicKey, VerificationKey } from '../core/key';
import { algorithmsFor } from '../keys/jwk';
import { checkKeyUrl, discoveryUrl, type RemoteKeys } from '../keys/key-url';
import { splitWords } from '../core/words';
import { ENVIRONMENT, report, type Compilation, type Vocabulary } from './compilation';
import { findFaultySecret } from './never-meant';

const PUBLIC_KEY_PATH = 'OAUTH_PUBKEY_PATH';
const JWKS_PATH = 'OAUTH_JWKS_PATH';
const JWKS_URL = 'OAUTH_JWKS_URL';
const ALLOW_HTTP = 'OAUTH_ALLOW_HTTP';
const SECRET = ENVIRONMENT.secret;

/** RFC 7518 §3.2: at least the size of the shortest hash, 256 bits. */
const MIN_SECRET_LENGTH = 32;

/**
 * Reads a key file; notes why when no key comes out of it.
 * @param setting where the operator named it
 */
export function readKeyFile(
  compilation: Compilation,
  setting: string,
  path: string,
  parse: (content: string) => KeyFile,
): readonly PublicKey[] {
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

function readNamedFile(
  compilation: Compilation,
  setting: string,
  parse: (content: string) => KeyFile,
): readonly PublicKey[] {
  const path = compilation.source.environment(setting);
  return path === undefined ? [] : readKeyFile(compilation, setting, path, parse);
}

/** A shared secret as a key. @param setting the variable that holds it, or where a policy names that */
export function readSecret(
  compilation: Compilation,
  setting: string,
  words: Vocabulary,
  secret: string,
): VerificationKey {
  let message: string | undefined;
  if (secret === '') message = 'is empty; set it, or unset it where tokens are signed with a private key';
  else if (secret.indexOf('-----BEGIN ') >= 0)
    message = 'holds a PEM block; name a file with it in ' + words.publicKeyFile;
  else if (utf8Length(secret, compilation.text) < MIN_SECRET_LENGTH) {
    message = 'is shorter than ' + MIN_SECRET_LENGTH.toString() + ' bytes and could be guessed (RFC 7518 section 3.2)';
  } else message = findFaultySecret(secret);
  if (message !== undefined) report(compilation, setting, message);
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
  const fromPem = readNamedFile(compilation, PUBLIC_KEY_PATH, readPemFile);
  const fromSet = readNamedFile(compilation, JWKS_PATH, (content) => readJwkSet(content, compilation.text));
  const secret = compilation.source.environment(SECRET);
  if (secret !== undefined) {
    return { kind: 'configured', keys: [readSecret(compilation, SECRET, ENVIRONMENT, secret)] };
  }
  if (!isSet(compilation, PUBLIC_KEY_PATH) && !isSet(compilation, JWKS_PATH)) {
    return { kind: 'remote', source: readRemote(compilation, issuer) };
  }
  const keys: VerificationKey[] = [];
  return { kind: 'configured', keys: keys.concat(fromPem, fromSet) };
}

/** The algorithms among names; each that is none is a problem. */
export function readAlgorithms(
  compilation: Compilation,
  setting: string,
  words: readonly string[],
): readonly AlgorithmName[] {
  const names: AlgorithmName[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const algorithm = findAlgorithm(word);
    if (algorithm !== undefined) {
      names.push(algorithm.name);
      continue;
    }
    const why = word.toLowerCase() === 'none' ? 'means no signature and is never allowed' : 'is not known';
    report(compilation, setting, '`' + word + '` ' + why);
  }
  if (words.length === 0) report(compilation, setting, 'is empty; name algorithms, or unset it');
  return names;
}

/** The algorithms that the operator allows; undefined when the keys decide. */
export function readAlgorithmNames(compilation: Compilation): readonly AlgorithmName[] | undefined {
  const value = compilation.source.environment(ENVIRONMENT.algorithms);
  if (value === undefined) return undefined;
  return readAlgorithms(compilation, ENVIRONMENT.algorithms, splitWords(value.split(',').join(' ')));
}
