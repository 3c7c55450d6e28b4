// A policy compiled where neither its secrets nor its key files are, as in the build of an image: each that is missing here has
// a placeholder of its kind. Only what does not depend on keys may be made of the result.
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { asArray, asObject, findMember, type Json, type JsonObject } from '../../src/codec/json';
import { parseJson } from '../../src/codec/json-parse';
import { text } from '../../nginx/ports/text';
import type { Settings } from '../../src/model/settings';
import type { FileAnswer, SettingsSource } from '../../src/ports/host';
import { NEEDED } from '../../src/login/page-template';
import { compileSettings } from '../../src/settings/environment';
import {
  COOKIE_SECRET,
  LOGIN_CLIENT_ID,
  LOGIN_CLIENT_SECRET,
  LOGIN_SETTINGS,
  POLICY,
  REPLACED,
} from '../../src/settings/table';
import { policySource, readText } from '../ports/source';
import { failure } from './failure';
import { describeFirst, signatures } from './settings';

/** Public keys of every type that algorithms name; nobody has the private ones. */
const KEYS = [
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvIL8bebCh+pi68Rt0CCu104VqR10kuD0E1yzwaywvaEiyhfUeDDKAyKC8yS5ilu9xyWK/pg/84RiWq7WoqhUm8L06jtknn/ZCOuyUdkn1QcdOG10lbbrUF1AOduTIvFYyT4zHrIcKt6MyeQUO0kHcXQU7lvM2C62BboAasZFupDts1m1kPZMWaiSjLrE1eruhl8NrfipiPWMZJSJoYCQcmtN3REXk9z8X7ZPgcMJ9hNN+Kv0fTYLZI4wS4TpHscVfbK18cL4uLrTCcip7jNey2KZ/YdbeHgmmcQAdiB4veH4I2dAyqIdsy8Jk+KTs3Ae8qp+S3XtC8z/uXMbN7lRAwIDAQAB',
  'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEWwP2ClsSU3jw26scrfC33mG8OkFC4VrrmfiyA7p7On5GNC41w3CDpHFLv8zphbs8wV9YWUS85OXhQwCd9gPypA==',
  'MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE9a0ORccrptCvzaYHZjdOyj78yJKjM8L/o7GmAO58nR+D5o5lEpoiLzCCIOOlDM+uk4uR9MhtQfDG0BSOSz7Uk2txwN3+H25uQdw7vwgkk1+yD9g9EAqO6FTzLd483eR0',
  'MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQAoHd1+NkyN68jNYI4GFvEeSk68FHeGgaOoryPY+ue7zxBdpT7bih9zdwYBcEsDyqoqnDjYhAS3RwJwZwWpguV5icBFgz31X+1b3OqWXnNzxRAobrzdD/Pyyv0XF20zl3c6OLwKnIVMNc6uwHhJHqEC6M32y/npbaELaPIu0dOVtP2EXk=',
  'MCowBQYDK2VwAyEALwWBZERPsBBCmvBkpyPhQ4Da2kb3G5ka+Ec+b17ZHtM=',
];

/** Of a client's key, beside it. */
const SIGNING_ALGORITHM = 'token_endpoint_auth_signing_alg';

/** 64 hexadecimal digits: a secret in every encoding, and one of its own for each name. */
const secretFor = (name: string): string => createHash('sha256').update(name).digest('hex');

const blockOf = (spki: string): string => `-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`;

function keySet(): string {
  const keys = KEYS.map((spki, index) => {
    const key = createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' });
    return { ...key.export({ format: 'jwk' }), kid: String(index) };
  });
  return JSON.stringify({ keys });
}

const CURVES: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

/** A private key that signs by an algorithm; RSA where none is named. */
function privateKeyFor(algorithm: string): string {
  const namedCurve = CURVES[algorithm];
  const { privateKey } =
    namedCurve === undefined
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** What a file holds, by the member that names it. */
const CONTENTS: Readonly<Record<string, (path: string, algorithm: string) => string>> = {
  private_key_file: (_, algorithm) => privateKeyFor(algorithm),
  client_key_file: (_, algorithm) => privateKeyFor(algorithm),
  public_key_file: () => KEYS.map(blockOf).join(''),
  native_keys: () => blockOf(KEYS[0] ?? ''),
  jwks_file: keySet,
  deny_path: () => '',
};

/** The member of a policy that names a file, and the algorithm beside it. */
interface Naming {
  readonly member: string;
  readonly algorithm: string;
}

const FOLDER: Naming = { member: '', algorithm: '' };

/** What there is at a path that is not here. */
function contentOf(path: string, { member, algorithm }: Naming): string {
  const write = CONTENTS[member];
  if (write !== undefined) return write(path, algorithm);
  return member === '' ? NEEDED.map((name) => `{{${name}}}`).join('') : secretFor(path);
}

/** The members that name files, by the path of each. */
function namesOfFiles(value: Json, found = new Map<string, Naming>(), naming = FOLDER): Map<string, Naming> {
  if (typeof value === 'string') found.set(value, naming);
  for (const item of asArray(value)?.items ?? []) namesOfFiles(item, found, naming);
  const object = asObject(value);
  const named = object === undefined ? undefined : (findMember(object, 'alg') ?? findMember(object, SIGNING_ALGORITHM));
  const algorithm = typeof named === 'string' ? named : '';
  object?.names.forEach((inner, index) => {
    const member = object.values[index];
    if (member !== undefined && (inner in CONTENTS || inner.endsWith('_file') || typeof member === 'object')) {
      namesOfFiles(member, found, { member: inner, algorithm });
    }
  });
  return found;
}

const has = (object: JsonObject | undefined, ...names: readonly string[]): boolean =>
  object !== undefined && names.some((name) => findMember(object, name) !== undefined);

/** The settings of the environment that a policy's `login` needs, since it leaves out what they give. */
function settingsOfLogin(document: JsonObject): readonly string[] {
  const login = asObject(findMember(document, 'login') ?? false);
  if (login === undefined) return [];
  return [
    ...(has(login, 'client_id') ? [] : [LOGIN_CLIENT_ID.name]),
    ...(has(login, 'client_secret_env', 'client_secret_file') ? [] : [LOGIN_CLIENT_SECRET.name]),
    ...(has(asObject(findMember(login, 'cookie') ?? false), 'secret_env', 'secret_file') ? [] : [COOKIE_SECRET.name]),
  ];
}

/** A policy's settings, and the variables of the environment that it needs beside `OAUTH_POLICY`. */
export interface Deployment {
  readonly settings: Settings;
  readonly variables: readonly string[];
}

/**
 * Compiles a policy without what only the proxy's machine has.
 * @param root where the files are that the policy names, as far as they are here
 * @throws a failure that names the first problem
 */
export function compileDeployment(path: string, root: string): Deployment {
  const own = policySource(path, root);
  const file = readText(path);
  const document = file.ok ? asObject(parseJson(file.text, text) ?? false) : undefined;
  const files = document === undefined ? new Map<string, Naming>() : namesOfFiles(document);
  const ofLogin = document === undefined ? [] : settingsOfLogin(document);
  const known = [POLICY, ...REPLACED, ...LOGIN_SETTINGS].map(({ name }) => name);
  const asked = new Set<string>();
  const source: SettingsSource = {
    ...own,
    environment: (name) => {
      if (known.includes(name) && !ofLogin.includes(name)) return name === POLICY.name ? path : undefined;
      asked.add(name);
      return own.environment(name) ?? secretFor(name);
    },
    readFile: (wanted): FileAnswer => {
      const answer = own.readFile(wanted);
      if (answer.ok || wanted === path) return answer;
      return { ok: true, text: contentOf(wanted, files.get(wanted) ?? FOLDER) };
    },
  };
  const answer = compileSettings(source, text, signatures.algorithms);
  if (!answer.ok) throw failure(describeFirst(path, answer.problems));
  return { settings: answer.settings, variables: [...asked] };
}
