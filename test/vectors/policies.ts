// Reads policies with their requests, and the path corpus, as they are committed.
import { createHmac } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';

/** The shared secret that every policy of the table names, as the environment has it. */
export const POLICY_ENVIRONMENT: Readonly<Record<string, string>> = {
  HAMSTER_SECRET: 'a secret of thirty-two characters',
  HAMSTER_SECRET_HEX: Buffer.from('a secret of thirty-two characters').toString('hex'),
  HAMSTER_SECRET_BASE64: Buffer.from('a secret of thirty-two characters').toString('base64'),
  OTHER_SECRET: 'the older secret of thirty-two characters',
};

export interface ExpectedJudgement {
  readonly allowed: boolean;
  readonly status: number;
  readonly reason: string;
  readonly challenge: string;
  readonly rule: string;
  readonly wouldBe: string;
  readonly scopes: string;
  readonly subject: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body of an answer other than a refusal: the metadata document. */
  readonly body?: string;
}

/** What the backend gets of the places of tokens: lines of one header joined, empty for none. */
export interface Left {
  readonly target: string;
  readonly authorization: string;
  readonly cookie: string;
  readonly protocols: string;
}

export interface PolicyRow {
  readonly id: string;
  readonly comment: string;
  readonly policy: string;
  readonly method: string;
  readonly target: string;
  readonly hosts: readonly string[];
  readonly preflight?: boolean;
  /** More header lines. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  /** What comes after the `?` of the authorizer's own address. */
  readonly query?: string;
  /** The token's claims; no token without. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Changes to the token's header. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** Whether the signature is a wrong one. */
  readonly forged?: boolean;
  /** Header lines instead of a token. */
  readonly authorization?: readonly string[];
  /**
   * Header lines with the token in them: `{token}` is the token, `{other}` one of another subject, `{basic}` the first as
   * the password of Basic credentials, `{basic_colon}` with `x:` before it. The target may have them too.
   */
  readonly lines?: readonly (readonly [name: string, value: string])[];
  /** What the backend gets, where the policy names places. */
  readonly left?: Left;
  readonly now: number;
  readonly expected: ExpectedJudgement;
}

export interface PolicyTopic {
  readonly topic: string;
  readonly policies: Readonly<Record<string, unknown>>;
  readonly requests: readonly PolicyRow[];
}

export interface PathRow {
  readonly id: string;
  readonly target: string;
  readonly expected: { readonly path: string } | { readonly reason: string };
}

const FOLDER = new URL('./policies/', import.meta.url);

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as unknown;
}

export function readPolicyTopics(): readonly PolicyTopic[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json') && name !== 'paths.json')
    .map((name) => read(name) as PolicyTopic);
}

export function readPaths(): readonly PathRow[] {
  return (read('paths.json') as { targets: readonly PathRow[] }).targets;
}

/** Signs claims with the row's header (HS256, RFC 7515 §5.1), in bytes that are the same every time. */
function sign(row: PolicyRow, claims: Readonly<Record<string, unknown>>): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode({ alg: 'HS256', ...row.header })}.${encode(claims)}`;
  const secret =
    row.forged === true ? 'another secret of thirty-two bytes' : (POLICY_ENVIRONMENT['HAMSTER_SECRET'] ?? '');
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** A text of a row with its tokens. */
function fill(row: PolicyRow, value: string): string {
  if (row.claims === undefined) return value;
  const token = sign(row, row.claims);
  return value
    .replaceAll('{token}', token)
    .replaceAll('{other}', sign(row, { ...row.claims, sub: 'other' }))
    .replaceAll('{basic_colon}', Buffer.from(`user:x:${token}`).toString('base64'))
    .replaceAll('{basic}', Buffer.from(`user:${token}`).toString('base64'));
}

/** The header lines of a row that have credentials. */
export function credentialsOf(row: PolicyRow): readonly (readonly [name: string, value: string])[] {
  if (row.lines !== undefined) return row.lines.map(([name, value]) => [name, fill(row, value)] as const);
  const lines = row.authorization ?? (row.claims === undefined ? [] : [`Bearer ${sign(row, row.claims)}`]);
  return lines.map((value) => ['Authorization', value] as const);
}

export function targetOf(row: PolicyRow): string {
  return fill(row, row.target);
}

/** What the backend gets of a row that says it. */
export function leftOf(row: PolicyRow): Left | undefined {
  const { left } = row;
  if (left === undefined) return undefined;
  return { ...left, target: fill(row, left.target), authorization: fill(row, left.authorization) };
}
