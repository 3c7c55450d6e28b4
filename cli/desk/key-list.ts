// The keys of a file (PEM, a JWK, a JSON Web Key Set), or those that an issuer publishes, usable or not.
import { createHash, createPublicKey, type JsonWebKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { text } from '../../nginx/ports/text';
import { asArray, asObject, findMember, type Json, type JsonObject } from '../../src/codec/json';
import { formatJson } from '../../src/codec/json-format';
import { parseJson } from '../../src/codec/json-parse';
import { findFault } from '../../src/keys/http-limits';
import { readPemFile } from '../../src/keys/key-file';
import { readJwk } from '../../src/keys/jwk';
import { checkKeyUrl, discoveryUrl, metadataUrl, readDiscovery } from '../../src/keys/key-url';
import type { PublicKey } from '../../src/model/key';
import { get } from '../ports/http';
import { readText } from '../ports/source';
import { failure } from './failure';

/** A key as a source has it. */
export interface ListedKey {
  readonly kid: string;
  readonly type: string;
  readonly use: string;
  /** Its own `alg`; empty where it has none. */
  readonly alg: string;
  /** Why the proxies cannot use it; empty where they can. */
  readonly problem: string;
  /** Undefined where they cannot. */
  readonly key: PublicKey | undefined;
}

/** The public members of a key. */
export function jwkOf(key: PublicKey): JsonWebKey {
  return createPublicKey({ key: Buffer.from(key.spki, 'base64'), format: 'der', type: 'spki' }).export({
    format: 'jwk',
  });
}

/** RFC 7638 §3: the required members in the order of their names. */
export function thumbprintOf(key: PublicKey): string {
  const jwk = jwkOf(key);
  const names = (['crv', 'e', 'kty', 'n', 'x', 'y'] as const).filter((name) => jwk[name] !== undefined);
  const required: JsonWebKey = Object.fromEntries(names.map((name) => [name, jwk[name]]));
  return createHash('sha256').update(JSON.stringify(required)).digest('base64url');
}

const textOf = (object: JsonObject | undefined, name: string): string => {
  const value = object === undefined ? undefined : findMember(object, name);
  return value === undefined ? '' : typeof value === 'string' ? value : formatJson(value);
};

function listJwk(item: Json): ListedKey {
  const jwk = asObject(item);
  const answer = jwk === undefined ? undefined : readJwk(jwk);
  const [use, alg] = [textOf(jwk, 'use'), textOf(jwk, 'alg')];
  if (answer?.ok === true) {
    const { value } = answer;
    return { kid: value.kid ?? '', type: value.type, use, alg, problem: '', key: value };
  }
  const problem = answer?.problem ?? 'it is not an object';
  return { kid: textOf(jwk, 'kid'), type: textOf(jwk, 'kty'), use, alg, problem, key: undefined };
}

function listPem(content: string): readonly ListedKey[] {
  const { keys, unusable } = readPemFile(content);
  const none = { kid: '', use: '', alg: '' };
  return [
    ...keys.map((key) => ({ ...none, type: key.type, problem: '', key })),
    ...unusable.map((problem) => ({ ...none, type: '', problem, key: undefined })),
  ];
}

/** A set may have a `kid` that looks like a block. */
export const isPem = (content: string): boolean => content.includes('-----BEGIN ') && !/^\s*\{/.test(content);

/** @param source as messages name it @throws a failure for what holds no keys in any form */
export function listKeys(content: string, source: string): readonly ListedKey[] {
  if (isPem(content)) return listPem(content);
  const object = asObject(parseJson(content, text) ?? false);
  const items = object === undefined ? undefined : asArray(findMember(object, 'keys') ?? false)?.items;
  if (items !== undefined) return items.map(listJwk);
  if (object !== undefined && findMember(object, 'kty') !== undefined) return [listJwk(object)];
  throw failure(
    `${source === '-' ? 'standard input' : `\`${source}\``} is neither a JSON Web Key Set (\`{"keys": [...]}\`), nor a key of one, nor PEM`,
  );
}

async function getBody(url: string): Promise<string | undefined> {
  const answer = await get(url);
  if (answer.ok && answer.status === 404) return undefined;
  const fault = findFault(answer);
  if (fault !== undefined || !answer.ok) throw failure(`${url}: ${fault ?? ''}`);
  return answer.body;
}

/** An issuer's discovery document (OpenID Connect Discovery 1.0 §4, RFC 8414 §3), and where its keys are. */
export interface Discovered {
  readonly document: string;
  readonly keys: string;
}

/** What came of asking for the document: none, why not where no answer says it, or where the keys are. */
export interface Discovery {
  readonly found: Discovered | undefined;
  /** A line for each address that gave another answer than 404. */
  readonly faults: readonly string[];
}

/** @throws a failure for a document that the proxies do not accept */
export async function findDiscovery(issuer: string, allowHttp: boolean): Promise<Discovery> {
  const fault = checkKeyUrl(issuer, allowHttp, text);
  if (fault !== undefined) throw failure(`${issuer} ${fault.replace('set OAUTH_ALLOW_HTTP=1', 'give --allow-http')}`);
  const faults: string[] = [];
  const note = (error: unknown): undefined => {
    faults.push(error instanceof Error ? error.message : '');
  };
  const document =
    (await getBody(discoveryUrl(issuer)).catch(note)) ?? (await getBody(metadataUrl(issuer)).catch(note));
  if (document === undefined) return { found: undefined, faults };
  const answer = readDiscovery(document, { kind: 'discovery', url: issuer, issuer, allowHttp }, text);
  if (!answer.ok) throw failure(`${issuer}: ${answer.problem}`);
  return { found: { document, keys: answer.url }, faults };
}

/** The key set at a URL. @throws a failure where there is none */
export async function getKeySet(url: string, also = ''): Promise<string> {
  const set = await getBody(url);
  if (set === undefined) throw failure(`${url}: it answers with status 404${also}`);
  return set;
}

/** An issuer's key set by discovery; else the set at a URL itself. */
async function fetchSet(url: string, allowHttp: boolean): Promise<string> {
  const { found } = await findDiscovery(url, allowHttp);
  return found === undefined ? getKeySet(url, ', and so do its discovery documents') : getKeySet(found.keys);
}

/**
 * Reads a source of keys.
 * @param source an issuer, the URL of a set, a file, or `-` for standard input
 */
export async function readKeySource(source: string, allowHttp: boolean): Promise<string> {
  if (/^https?:\/\//.test(source)) return fetchSet(source, allowHttp);
  if (source === '-') return readFileSync(0, 'utf8');
  const file = readText(source);
  if (!file.ok) throw failure(`\`${source}\`: ${file.problem}`);
  return file.text;
}
