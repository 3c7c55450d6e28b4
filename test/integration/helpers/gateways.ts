// What each gateway sends when it asks about a request, header by header, as its public source and documents have it.

export type Pairs = readonly (readonly [string, string])[];

/** One way to ask about a request of the client's. */
export type Gateway = (asked: { method: string; uri: string; headers: Pairs }) => {
  readonly method: string;
  readonly path: string;
  readonly headers: Pairs;
};

export const HOST = ['Host', 'api.mywebsite.com'] as const;

/** Envoy's ext_authz over HTTP: the request's own method, the prefix before its path, its host, no body. */
export const envoy: Gateway = ({ method, uri, headers }) => ({
  method,
  path: `/_auth${uri}`,
  headers: [HOST, ...headers, ['Content-Length', '0'], ['x-envoy-internal', 'true'], ['x-forwarded-for', '10.0.0.7']],
});

/** What Emissary adds to it. */
export const emissary: Gateway = (asked) => ({
  ...envoy(asked),
  headers: [...envoy(asked).headers, ['x-forwarded-proto', 'https'], ['x-request-id', 'b0e3']],
});

export const traefik: Gateway = ({ method, uri, headers }) => ({
  method: 'GET',
  path: '/auth',
  headers: [
    ['Host', 'jwtverify:8080'],
    ...headers,
    ['X-Forwarded-For', '10.0.0.7'],
    ['X-Forwarded-Method', method],
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded-Host', 'api.mywebsite.com'],
    ['X-Forwarded-Uri', uri],
  ],
});

export const ingressNginx: Gateway = ({ method, uri, headers }) => ({
  method: 'GET',
  path: '/auth',
  headers: [
    ['Host', 'jwtverify.default.svc.cluster.local'],
    ...headers,
    ['X-Request-ID', 'b0e3'],
    ['X-Original-URL', `https://api.mywebsite.com${uri}`],
    ['X-Original-Method', method],
    ['X-Sent-From', 'nginx-ingress-controller'],
    ['X-Auth-Request-Redirect', uri],
  ],
});
