// What signing in needs on HAProxy, ready before traffic flows.
import { createLoginContext } from '../../src/login/context';
import type { CookieRoom, LoginContext } from '../../src/login/step';
import type { Login } from '../../src/model/login';
import type { Problem } from '../../src/model/problem';
import type { Settings } from '../../src/model/settings';
import type { DenyList } from '../../src/ports/deny-list';
import { POLICY } from '../../src/settings/table';
import { hash } from '../ports/hash';
import { openRandom, type Random } from '../ports/random';
import { createSealing, type NamedSealing } from '../ports/sealing/sealing';
import { createSigner, type Signer } from '../ports/signatures/signing';
import { createCookieReader, type CookieReader } from './cookie-lines';
import type { EndedSessions } from './ended-sessions';
import type { KeyStore } from './key-store';

export interface LoginHost {
  readonly login: Login;
  readonly random: Random;
  readonly sealing: NamedSealing;
  readonly signer: Signer;
  readonly ended: EndedSessions;
  readonly cookies: CookieReader;
  /** The context of now: keys and endpoints may be newer ones the next time. */
  readonly context: (this: void) => LoginContext;
}

/** What a host that signs browsers in must have. */
export interface LoginParts {
  readonly login: Login;
  readonly random: Random;
  readonly room: CookieRoom;
}

const NO_RANDOM: Problem = {
  setting: POLICY.name,
  message:
    '`login` and `broker` need random bytes, and `/dev/urandom` cannot be opened; with `tune.lua.openlibs` add `io` to it',
};

/**
 * Opens the generator where the policy signs people in.
 * @returns a problem where it cannot be opened
 */
export function openGenerator({ login, broker }: Settings): Random | Problem | undefined {
  if (login === undefined && broker?.desk === undefined) return undefined;
  return openRandom() ?? NO_RANDOM;
}

/**
 * Makes the host. To be called while HAProxy starts.
 * @param denials the operator's list and that of ended sessions
 */
export function createLoginHost(
  { login, random, room }: LoginParts,
  keys: KeyStore,
  ended: EndedSessions,
  denials: DenyList | undefined,
): LoginHost {
  // INVARIANT: one value holds both, for HAProxy may suspend between any two instructions.
  let known: { readonly epoch: object; readonly context: LoginContext } | undefined;

  function context(this: void): LoginContext {
    const { epoch } = keys;
    const present = known;
    if (present?.epoch === epoch) return present.context;
    const common = createLoginContext(keys.trust, denials, hash);
    if (common === undefined) error('no browser signs in here', 0);
    const made = { ...common, room };
    known = { epoch, context: made };
    return made;
  }

  return {
    login,
    random,
    sealing: createSealing(random),
    signer: createSigner(random),
    ended,
    cookies: createCookieReader(login),
    context,
  };
}
