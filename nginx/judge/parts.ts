// The interfaces of the module's parts, and the data that they share. Types alone: each part is made when it is needed.
import type { CheckFurther, TokenTarget } from '../../src/policy/assess';
import type { AuditedRuling } from '../../src/policy/audit-line';
import type { Trust, Step } from '../../src/token/flow';
import type { IntrospectStep } from '../../src/token/step';
import type { DatedSnapshot } from '../store/epoch';
import type { Decision } from '../../src/answer/decision';
import type { Reason } from '../../src/answer/reason';
import type { Openable } from '../../src/login/sealed-text';
import type { LoginAnswer } from '../../src/login/login-answer';
import type { SignIn } from '../../src/model/login';
import type { SigningKey } from '../../src/model/signing-key';
import type { VerifiedToken } from '../../src/token/verified-token';
import type { Caller, ChangedPart } from '../answer/variables';
import type { HttpRequest } from '../njs';
import type { AnyWay } from '../ports/request-facts';
import type { recallToken } from '../store/remembered-tokens/recall';
import type { PolicyHead } from '../store/policy-store';
import type { Snapshot } from '../store/snapshot';
import type { ContextMemory, RememberedToken, SessionCookies } from '../store/remembered-tokens/token-store';

/** `recallToken` of the module, for a part that must not make it again. */
export type RecallToken = typeof recallToken;

/** What the module hands its parts. */
export interface Host {
  /** The memory that lasts, once there is some. */
  memory: ContextMemory | undefined;
  /** The parts, once they were opened. */
  verify: VerifyPart | undefined;
  again: AgainPart | undefined;
  pass: PassPart | undefined;
  refuse: RefusePart | undefined;
  manage: ManagePart | undefined;
  login: LoginPart | undefined;
  broker: BrokerPart | undefined;
  readonly openManage: (host: Host) => ManagePart;
  readonly recallToken: RecallToken;
}

/** What the module calls. */
export interface VerifyPart {
  auth(request: HttpRequest, host: Host): Promise<void> | undefined;
  authorizer(request: HttpRequest, host: Host): Promise<void> | undefined;
  access(request: HttpRequest, host: Host): Promise<void> | undefined;
  login(request: HttpRequest, host: Host): Promise<void> | undefined;
}

/** What was found out about a request that did not pass again. */
export interface Recalled {
  /** The name of the session's cookie, where the cookies were looked at. */
  readonly cookieName: string | undefined;
  /** What they have of login; undefined also where they are not plain. */
  readonly cookies: SessionCookies | undefined;
  /** The form of the session that was looked up; undefined: the Authorization header was. */
  readonly name: string | undefined;
  /** What is remembered of it. */
  readonly token: RememberedToken | undefined;
}

/** The functions that the module calls. A text: it passed. Otherwise nothing was done. */
export interface AgainPart {
  auth(request: HttpRequest, host: Host, epoch: string): Recalled | 'passed';
  access(request: HttpRequest, host: Host, epoch: string): Recalled | 'passed';
}

/** `passed`: it was answered. `refused`: the part that refuses must answer. `unknown`: the token must be verified. */
export type PassState = 'passed' | 'refused' | 'unknown';

/** The functions that the module calls. Unless one returns `passed`, it has done nothing. */
export interface PassPart {
  auth(request: HttpRequest, host: Host, epoch: string, recalled: Recalled | undefined): PassState;
  authorizer(request: HttpRequest, host: Host, epoch: string, recalled: Recalled | undefined): PassState;
  access(request: HttpRequest, host: Host, epoch: string, recalled: Recalled | undefined): PassState;
}

/** The functions that the module calls, and one for the part that passes. Each of the module's returns false without side effects if it could not answer. */
export interface RefusePart {
  auth(request: HttpRequest, host: Host, epoch: string): boolean;
  authorizer(request: HttpRequest, host: Host, epoch: string): boolean;
  access(request: HttpRequest, host: Host, epoch: string): boolean;
  readonly checkFurther: CheckFurther;
}

/** The functions that the module and the other part call. */
export interface ManagePart {
  check(request: HttpRequest): DatedSnapshot | Promise<DatedSnapshot>;
  renew(request: HttpRequest, trust: Trust, issuer: number | undefined): Promise<DatedSnapshot | undefined>;
  introspect(trust: Trust, step: IntrospectStep): Promise<Step>;
  health(request: HttpRequest): Promise<void>;
  metrics(request: HttpRequest): Promise<void>;
  refresh(): Promise<void>;
  deny(request: HttpRequest): Promise<void>;
  metadata(request: HttpRequest): Promise<void>;
  forward(request: HttpRequest): Promise<void>;
  /** @returns whether it was answered: `BrokerPart` answers everything but the documents */
  broker(request: HttpRequest): Promise<boolean>;
}

/** The part that signs people in for the tokens of this proxy's own issuer. */
export interface BrokerPart {
  broker(request: HttpRequest, host: Host): Promise<void>;
}

/** The part that has the words of the audit line. */
export interface AuditPart {
  describe(head: PolicyHead, target: TokenTarget, ruling: AuditedRuling, caller: Caller): string;
}

/** The part that signs with Ed25519. */
export interface Ed25519Part {
  sign(key: SigningKey, input: string): Promise<string | undefined>;
}

/** A request where browsers sign in, before its token or session is judged. */
export interface Visit {
  /** The whole text of its session; undefined where no key could open one. */
  readonly sealed: string | undefined;
  /** What is to be opened of it; undefined likewise. */
  readonly openable: Openable | undefined;
  /** The form in which the session is remembered; undefined likewise. */
  readonly name: string | undefined;
  /** Why it has none. */
  readonly reason: Reason;
  /** Set-Cookie fields that free the browser of a session that is none. */
  readonly removals: readonly string[];
  /** Its cookies without those of login, where it has some of these. */
  readonly changed: readonly ChangedPart[];
}

/** A session that was opened. */
export interface OpenedSession {
  /** Of the session alone: no rule was asked. */
  readonly decision: Decision;
  /** Undefined where it is refused, unless it is good but for the deny list. */
  readonly verified: VerifiedToken | undefined;
  /** Whether a session opened, so that signing in again would not help. */
  readonly hasSession: boolean;
  /** Set-Cookie fields. */
  readonly cookies: readonly string[];
  /** The access token for headers of the policy; empty where the session has none. */
  readonly token: string;
}

/** A request that is refused. */
export interface RefusedVisit {
  readonly decision: Decision;
  readonly signIn: SignIn | undefined;
  readonly hasSession: boolean;
  readonly cookies: readonly string[];
}

/** The part that signs browsers in. */
export interface LoginPart {
  visit(request: HttpRequest, way: AnyWay, snapshot: Snapshot, line: string | undefined): Visit;
  open(request: HttpRequest, way: AnyWay, host: Host, snapshot: Snapshot, visit: Visit): Promise<OpenedSession>;
  isEnded(session: RememberedToken): boolean;
  showRefusal(request: HttpRequest, way: AnyWay, snapshot: Snapshot, refused: RefusedVisit): LoginAnswer | undefined;
  isLoginPath(request: HttpRequest, snapshot: Snapshot): boolean;
  answer(request: HttpRequest, host: Host, snapshot: Snapshot): Promise<void>;
}
