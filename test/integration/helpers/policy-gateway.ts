// What tests want of a proxy that judges by a policy, whichever of the two it is.
import type { ExpectedJudgement } from '../../vectors/policies';
import type { EchoBackend } from './echo-backend';
import type { PolicyOptions } from './haproxy-policy-server';
import type { Asking } from './nginx-policy';
import type { PolicyNginxOptions } from './nginx-policy-server';
import type { HttpAnswer, HttpRequest, SuiteName } from './suite';

/** How a request comes to be judged on its way to the backend. */
export type Way = 'the action' | Asking;

export type Pairs = readonly (readonly [name: string, value: string])[];
export type Wanted = Omit<HttpRequest, 'port'> & { readonly way?: Way };

/** What another gateway asks about. A fact that is left out is not sent. */
export interface Question {
  readonly method?: string;
  readonly target?: string;
  readonly host?: string;
  readonly headers?: Pairs;
  /** The query of the question itself, as `?allowed_groups=a`. */
  readonly query?: string;
  /** The method of the question itself. */
  readonly by?: string;
}

export interface RunningGateway {
  readonly backend: EchoBackend;
  /** The port of a way. */
  port(way?: Way): number;
  /** The port of a way for HTTP/2 without TLS. */
  http2Port(way?: Way): number;
  /** Sends a request for the backend. */
  ask(wanted?: Wanted): Promise<HttpAnswer>;
  askWith(token: string, wanted?: Wanted): Promise<HttpAnswer>;
  /** Asks as another gateway asks an authorizer. */
  askAbout(question: Question): Promise<HttpAnswer>;
  /** Asks whether tokens can be judged. */
  askHealth(method?: string): Promise<HttpAnswer>;
  /** What it has logged about itself and about refusals. */
  log(): string;
  /** A line for each request. */
  accessLog(): string;
  /** What it counts, as its operator reads it; empty where it counts nothing. */
  counts(): Promise<string>;
  leaks(): readonly string[];
  stop(): Promise<void>;
}

export interface GatewayOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly faketime?: string;
  /** Where each issuer's keys are, for an nginx that cannot fetch them by itself. */
  readonly keyUrls?: readonly string[];
  /** What one proxy alone needs. */
  readonly haproxy?: Pick<PolicyOptions, 'load' | 'global'>;
  readonly nginx?: Pick<PolicyNginxOptions, 'http' | 'server' | 'workers'>;
}

/** A proxy of one suite, with nginx an engine of it. */
export interface PolicyGateway {
  readonly name: string;
  readonly proxy: 'HAProxy' | 'nginx';
  readonly suite: SuiteName;
  readonly ways: readonly Way[];
  /** Whether a token that it has verified lasts from request to request: not so without a dictionary. */
  readonly remembers: boolean;
  start(policy: object, options?: GatewayOptions): Promise<RunningGateway>;
  /** What it logs of a policy by which it judges nobody. @throws when it judges all the same */
  refusalOf(policy: object): Promise<string>;
}

/** What came of a request, as the operator reads it; a text is empty where there is none. */
export type Result = Omit<ExpectedJudgement, 'headers' | 'body'>;

/** Bytes as the characters of a header line, and back. */
export const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
export const textOf = (line: string | undefined): string => Buffer.from(line ?? '', 'latin1').toString('utf8');

export const bearer = (token: string): readonly [string, string] => ['Authorization', `Bearer ${token}`];

/** Undefined where the proxy itself refused what it does not regard as HTTP: nobody judged it. */
export function resultOf({ headers }: HttpAnswer): Result | undefined {
  const status = headers['x-told-status'];
  if (status === undefined) return undefined;
  const text = (name: string): string => headers[`x-told-${name}`] ?? '';
  return {
    // HAProxy has a variable of its own for it.
    allowed: (headers['x-told-authorized'] ?? (status === '200' ? '1' : '0')) === '1',
    status: Number(status),
    reason: text('reason'),
    challenge: text('challenge'),
    rule: text('rule'),
    wouldBe: text('shadow'),
    scopes: text('scopes'),
    subject: textOf(text('subject')),
  };
}

/** The subject and client that are known of a verified token, whatever its rule says. */
export function knownOf({ headers }: HttpAnswer): readonly string[] {
  return [headers['x-told-known_subject'] ?? '', headers['x-told-known_client'] ?? ''];
}

export const HEALTH = '/_health';
export const AUTHORIZER = '/_authorizer';

/** The same questions in both proxies: `Asked` headers bring the facts. */
export function asQuestion(question: Question): Omit<HttpRequest, 'port'> {
  const facts = { Method: question.method, Target: question.target, Host: question.host };
  const headers = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [[`X-Asked-${name}`, value] as const],
  );
  return {
    method: question.by ?? 'GET',
    path: `${AUTHORIZER}${question.query ?? ''}`,
    headers: [...headers, ...(question.headers ?? [])],
  };
}
