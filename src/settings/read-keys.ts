// Keys and algorithms: the environment's, and what a policy shares with it.
import { MAX_KEY_FILE_LENGTH, readJwkSet, readPemFile, type KeyFile } from '../keys/key-file';
import { ALGORITHMS, findAlgorithm, FULLY_SPECIFIED, type AlgorithmName } from '../model/algorithm';
import type { PublicKey, VerificationKey } from '../model/key';
import { checkKeyUrl, discoveryUrl, metadataUrl } from '../keys/key-url';
import { splitWords } from '../codec/words';
import { ENVIRONMENT, report, type Compilation } from './compilation';
import { readSharedSecrets, secretSetting } from './hmac-secrets';
import { hintAt } from './policy-file/suggest';
import { ALLOW_HTTP, HMAC_SECRET, ISSUER, JWKS_PATH, JWKS_URL, PUBKEY_PATH } from './table';
import type { RemoteKeys } from '../model/settings';
import { nameFile } from './repeated-values';

/**
 * Reads a key file; reports why when it gives no key.
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
  const place = nameFile(path);
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

function isSet(compilation: Compilation, setting: string): boolean {
  return compilation.source.environment(setting) !== undefined;
}

/** Whether a plain http:// key URL is allowed: the operator must set `1`. */
function readAllowHttp(compilation: Compilation): boolean {
  const value = compilation.source.environment(ALLOW_HTTP.name);
  if (value !== undefined && value !== '0' && value !== '1') {
    compilation.problems.push({ setting: ALLOW_HTTP.name, message: 'is neither 1 (key URLs may be plain http) nor 0' });
  }
  return value === '1';
}

/** The URL that keys are fetched from: the one that is set, or else the issuer's discovery document. */
function readRemote(compilation: Compilation, issuer: string): RemoteKeys {
  const url = compilation.source.environment(JWKS_URL.name);
  const allowHttp = readAllowHttp(compilation);
  if (url !== undefined) {
    const fault = url === '' ? 'is empty; give a URL, or unset it' : checkKeyUrl(url, allowHttp, compilation.text);
    if (fault !== undefined) compilation.problems.push({ setting: JWKS_URL.name, message: fault });
    return { kind: 'jwks', url, issuer, allowHttp };
  }
  const discovered = discoveryUrl(issuer);
  const fault = issuer === '' ? undefined : checkKeyUrl(discovered, allowHttp, compilation.text);
  if (fault !== undefined) {
    const others = PUBKEY_PATH.name + ', ' + JWKS_PATH.name + ', ' + JWKS_URL.name + ' and ' + HMAC_SECRET.name;
    const message = 'is where keys come from, for ' + others + ' are not set; but its discovery URL ' + fault;
    compilation.problems.push({ setting: ISSUER.name, message });
  }
  return { kind: 'discovery', url: discovered, issuer, fallback: metadataUrl(issuer), allowHttp };
}

/** Notes each pair of key settings that cannot both be meant. */
function checkSources(compilation: Compilation): void {
  const file = isSet(compilation, PUBKEY_PATH.name) ? PUBKEY_PATH.name : JWKS_PATH.name;
  const hasFile = isSet(compilation, file);
  const secret = secretSetting(compilation);
  if (secret !== undefined && (hasFile || isSet(compilation, JWKS_URL.name))) {
    // RFC 8725 §2.1: an attacker can make a verifier that accepts both use a public key as a secret.
    const other = hasFile ? file : JWKS_URL.name;
    const message = 'contradicts ' + other + ': tokens are signed with a shared secret or with a private key, set one';
    report(compilation, secret, message);
  }
  if (hasFile && isSet(compilation, JWKS_URL.name)) {
    report(compilation, JWKS_URL.name, 'contradicts ' + file + ': keys come from files or from a URL, set one');
  }
}

/** The keys that the configuration holds, undefined when it names none; and the sources that are fetched. */
export interface KeyConfiguration {
  readonly configured: readonly VerificationKey[] | undefined;
  readonly remotes: readonly RemoteKeys[];
}

/** The source of keys: the files' public keys together, the secret alone, or a URL. */
export function readKeys(compilation: Compilation, issuer: string): KeyConfiguration {
  checkSources(compilation);
  const fromPem = readNamedFile(compilation, PUBKEY_PATH.name, readPemFile);
  const fromSet = readNamedFile(compilation, JWKS_PATH.name, (content) => readJwkSet(content, compilation.text));
  const secrets = readSharedSecrets(compilation);
  if (secrets !== undefined) return { configured: secrets, remotes: [] };
  if (!isSet(compilation, PUBKEY_PATH.name) && !isSet(compilation, JWKS_PATH.name)) {
    return { configured: undefined, remotes: [readRemote(compilation, issuer)] };
  }
  const keys: VerificationKey[] = [];
  return { configured: keys.concat(fromPem, fromSet), remotes: [] };
}

const NAMES: readonly string[] = ALGORITHMS.map((algorithm): string => algorithm.name).concat([FULLY_SPECIFIED]);

/** The algorithms with these names; any other name is a problem. */
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
    const why =
      word.toLowerCase() === 'none'
        ? 'means no signature and is never allowed'
        : 'is not known' + (hintAt(word, NAMES) === '' ? '; known are ' + NAMES.join(', ') : hintAt(word, NAMES));
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
