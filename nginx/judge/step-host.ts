// What performs the steps of login and of the broker, for one request.
import type { HttpRequest } from '../njs';
import { createFetchClient } from '../ports/http';
import type { LoginHost } from '../store/login-steps';
import { claimOnce } from '../store/remembered-tokens/ended';
import type { Snapshot } from '../store/snapshot';
import type { Host } from './parts';

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

export function hostFor(request: HttpRequest, host: Host, snapshot: Snapshot): LoginHost {
  const client = createFetchClient(true);
  return {
    signatures: snapshot.signatures,
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
