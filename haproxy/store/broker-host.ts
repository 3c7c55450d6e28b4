// What the broker needs on HAProxy to sign people in, ready before traffic flows.
import { createBrokerContext, type BrokerContext } from '../../src/broker/context';
import { countBroker } from '../ports/counts';
import { hash } from '../ports/hash';
import type { Random } from '../ports/random';
import { createSealing } from '../ports/sealing/sealing';
import { createSigner } from '../ports/signatures/signing';
import { openClaims } from './claims';
import type { KeyStore } from './key-store';
import type { StepHost } from './login-steps';

export interface BrokerHost extends StepHost {
  /** The context of now: keys and endpoints may be newer ones the next time. */
  readonly context: (this: void) => BrokerContext;
}

/** Makes the host of a broker that signs people in. To be called while HAProxy starts. */
export function createBrokerHost(random: Random, keys: KeyStore): BrokerHost {
  return {
    random,
    sealing: createSealing(random),
    signer: createSigner(random),
    claim: openClaims(random),
    context: () => createBrokerContext(keys.trust, hash, countBroker) ?? error('nobody signs in here', 0),
  };
}
