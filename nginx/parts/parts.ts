// What the parts of the module offer, and what they share. Types alone: each part is made when it is needed.
import type { Judge, Step } from '../../src/core/flow';
import type { IntrospectStep } from '../driver';
import type { Checked } from '../epoch';
import type { HttpRequest } from '../host';
import type { Memory } from '../memory';

/** What the module hands its parts. */
export interface Host {
  /** What lasts, once there is some. */
  memory: Memory | undefined;
  /** The parts, once they were opened. */
  judge: JudgePart | undefined;
  policy: PolicyPart | undefined;
  refusal: RefusalPart | undefined;
  manage: ManagePart | undefined;
  readonly openManage: (host: Host) => ManagePart;
}

/** What the module calls. */
export interface JudgePart {
  auth(request: HttpRequest, host: Host): Promise<void> | undefined;
  authorizer(request: HttpRequest, host: Host): Promise<void> | undefined;
  access(request: HttpRequest, host: Host): Promise<void> | undefined;
}

/** `passed`: it was answered. `refused`: it is for the part that refuses. `unknown`: the token has to be verified. */
export type Passing = 'passed' | 'refused' | 'unknown';

/** What the module calls. Unless it says `passed`, nothing was done. */
export interface PolicyPart {
  auth(request: HttpRequest, host: Host, epoch: string): Passing;
  authorizer(request: HttpRequest, host: Host, epoch: string): Passing;
  access(request: HttpRequest, host: Host, epoch: string): Passing;
}

/** What the module calls. Each says whether it answered; otherwise nothing was done, and all has to be looked at. */
export interface RefusalPart {
  auth(request: HttpRequest, host: Host, epoch: string): boolean;
  authorizer(request: HttpRequest, host: Host, epoch: string): boolean;
  access(request: HttpRequest, host: Host, epoch: string): boolean;
}

/** What the module and the other part call. */
export interface ManagePart {
  check(request: HttpRequest): Checked | Promise<Checked>;
  renew(request: HttpRequest, judge: Judge, issuer: number | undefined): Promise<Checked | undefined>;
  introspect(judge: Judge, step: IntrospectStep): Promise<Step>;
  health(request: HttpRequest): Promise<void>;
  refresh(): Promise<void>;
  deny(request: HttpRequest): void;
  metadata(request: HttpRequest): Promise<void>;
  forward(request: HttpRequest): Promise<void>;
}
