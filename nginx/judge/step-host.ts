// What performs the steps of login and of the broker, for one request.
import { openEd25519 } from 'inner:ed25519';
import type { SigningKey } from '../../src/model/signing-key';
import type { HttpRequest } from '../njs';
import { createFetchClient } from '../ports/http';
import { sign } from '../ports/signing';
import type { LoginHost } from '../store/login-steps';
import { claimOnce } from '../store/remembered-tokens/ended';
import type { Snapshot } from '../store/snapshot';
import type { Ed25519Part, Host } from './parts';

/** The part for Ed25519, once it was opened. */
const opened: { ed25519: Ed25519Part | undefined } = { ed25519: undefined };

/** Signs by WebCrypto, and with Ed25519 in plain TypeScript where the engine lacks it. */
function signAnyhow(key: SigningKey, input: string): Promise<string | undefined> {
  return sign(key, input).then((signature) =>
    signature === undefined && key.type === 'Ed25519' ? openEd25519(opened).sign(key, input) : signature,
  );
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

export function hostFor(request: HttpRequest, host: Host, snapshot: Snapshot): LoginHost {
  const client = createFetchClient(true);
  return {
    signatures: snapshot.signatures,
    sign: signAnyhow,
    post: (question) => client.post(question),
    renew: (name) => {
      const trust = snapshot.trust;
      const issuer = trust === undefined ? -1 : trust.settings.issuers.findIndex((one) => one.issuer === name);
      if (trust === undefined || issuer < 0) return Promise.resolve(undefined);
      return host
        .openManage(host)
        .renew(request, trust, issuer)
        .then((dated) => {
          const keySet = dated?.snapshot.trust?.keySets[issuer];
          return keySet === undefined ? undefined : [keySet];
        });
    },
    claim: (name, until) => claimOnce(name, until, seconds()),
    now: seconds,
  };
}
