// The first policy of an API: one issuer, who may read and who may write.
import { formatPolicy } from './policy-text';

export interface Beginning {
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** The URL of the keys, where the proxy cannot discover it; undefined: it does. */
  readonly keys: string | undefined;
  readonly allowHttp: boolean;
  /** Whether GET and HEAD need no token. */
  readonly publicReads: boolean;
  /** The scope that GET and HEAD need; undefined: any token will do. */
  readonly readScope: string | undefined;
  /** The scope that every other method needs; undefined: any token will do. */
  readonly writeScope: string | undefined;
}

const READS = { methods: ['GET', 'HEAD'], paths: ['/**'] };

const demand = (scope: string | undefined): object => (scope === undefined ? {} : { require: { scopes: [scope] } });

function rulesOf({ publicReads, readScope, writeScope }: Beginning): readonly object[] {
  const read = publicReads ? { access: 'public' } : demand(readScope);
  return [
    { name: 'read', ...READS, ...read },
    { name: 'write', paths: ['/**'], ...demand(writeScope) },
  ];
}

export function writePolicy(beginning: Beginning): string {
  const { issuer, audiences, keys, allowHttp } = beginning;
  const policy = {
    issuers: [{ issuer, audiences, ...(keys === undefined ? {} : { keys: { jwks_url: keys } }) }],
    ...(allowHttp ? { allow_http: true } : {}),
    rules: rulesOf(beginning),
    otherwise: 'deny',
    forward: { 'X-Auth-Request-User': 'user', 'X-Auth-Request-Email': 'email' },
  };
  return formatPolicy('policy.json', JSON.stringify(policy));
}
