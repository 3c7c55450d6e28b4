// Performs the steps of login: seals, opens, asks the issuer, verifies tokens. Suspends.
import type { LoginReply, LoginStep, Refreshed, SignStep, VerifyStep } from '../../src/login/step';
import type { HttpAnswer, HttpQuestion } from '../../src/ports/http';
import { begin, resume, type Step, type Trust } from '../../src/token/flow';
import { takeText, type Random } from '../ports/random';
import type { NamedSealing } from '../ports/sealing/sealing';
import type { PreparedSignatures } from '../ports/signatures/signatures';
import type { Signer } from '../ports/signatures/signing';
import { encodeBytes } from '../ports/text';
import type { KeyStore } from './key-store';
import { awaitFirstKeys, refetchKeys } from './key-waits';

/** Random bytes in the name of what is signed. */
const ID_LENGTH = 16;

/** What the steps need of the host. */
export interface StepHost {
  readonly random: Random;
  readonly sealing: NamedSealing;
  readonly signer: Signer;
  /** Claims a name for the first who comes with it; left out where no step needs it. Suspends. */
  readonly claim?: (this: void, name: string, until: number) => boolean;
}

/** What performs the steps. */
export interface Performer {
  readonly host: StepHost;
  readonly keys: KeyStore;
  readonly signatures: PreparedSignatures;
  /** Asks the token endpoint, or the admin service. */
  readonly ask: (this: void, question: HttpQuestion) => HttpAnswer;
}

/** Verifies with the present keys. */
function verifyOnce(signatures: PreparedSignatures, trust: Trust, token: string): Step {
  let step = begin(trust, token);
  while (step.kind === 'verify') {
    step = resume(trust, step.pending, signatures.verify(step.pending.request), os.time());
  }
  return step;
}

/** Verifies, and once more when newer keys may help: an issuer may have changed its key a moment ago. */
function verify({ keys, signatures }: Performer, { trust, token }: VerifyStep): Step {
  const { epoch } = keys;
  const first = verifyOnce(signatures, trust, token);
  const wantsNewer = first.kind === 'refetch';
  const wantsAny = first.kind === 'refused' && first.decision.reason === 'keys_unavailable';
  if (!wantsNewer && !wantsAny) return first;
  const name = trust.settings.issuers[0]?.issuer;
  const issuer = keys.trust.settings.issuers.findIndex((one) => one.issuer === name);
  if (wantsNewer) refetchKeys(keys, issuer);
  else awaitFirstKeys(keys);
  const keySet = keys.trust.keySets[issuer];
  if (epoch === keys.epoch || keySet === undefined) return first;
  return verifyOnce(signatures, { ...trust, keySets: [keySet] }, token);
}

function sign({ host }: Performer, { key, write }: SignStep): string | undefined {
  // RFC 7515 §5.1.
  const input = key.header + '.' + encodeBytes(write(takeText(host.random, ID_LENGTH), os.time()));
  const signature = host.signer.sign(key, input);
  return signature === undefined ? undefined : input + '.' + signature;
}

/** Performs all steps but the last. */
function performAll(performer: Performer, first: LoginStep): LoginReply | Refreshed {
  const { sealing } = performer.host;
  let step = first;
  for (;;) {
    switch (step.kind) {
      case 'reply':
        return step.reply;
      case 'refreshed':
        return step.refreshed;
      case 'open':
        step = step.next(sealing.open(step.openable.key, step.openable.sealed), os.time());
        break;
      case 'seal':
        step = step.next(sealing.seal(step.key, step.plain));
        break;
      case 'sign':
        step = step.next(sign(performer, step));
        break;
      case 'claim':
        step = step.next(performer.host.claim?.(step.name, step.until) === true);
        break;
      case 'fetch':
        step = step.next(performer.ask(step.question), os.time());
        break;
      case 'verify':
        step = step.next(verify(performer, step), os.time());
        break;
    }
  }
}

/** Performs the steps that end with a reply. */
export function performReply(performer: Performer, first: LoginStep): LoginReply {
  const last = performAll(performer, first);
  return 'kind' in last ? error('a refresh is no reply', 0) : last;
}

/** Performs the steps of a refresh. */
export function performRefresh(performer: Performer, first: LoginStep): Refreshed {
  const last = performAll(performer, first);
  return 'kind' in last ? last : error('a reply is no refresh', 0);
}
