// What an operator can choose among, apart from what is done with it: help prints these lists without loading the commands.
export type Proxy = 'haproxy' | 'nginx';

/** Whole configuration, or a part of it. */
export type Part = 'configuration' | 'forward' | 'env' | 'native-keys';

/** What `generate` prints for each proxy. */
export const PARTS: Readonly<Record<Proxy, readonly Part[]>> = {
  haproxy: ['configuration', 'env', 'native-keys'],
  nginx: ['configuration', 'forward', 'env'],
};

/** The algorithms of `token make`, the usual one first. */
export const THROW_AWAY_ALGORITHMS = ['ES256', 'ES384', 'RS256', 'EdDSA'] as const;
export type ThrowAwayAlgorithm = (typeof THROW_AWAY_ALGORITHMS)[number];

/** The systems that `migrate` reads. */
export const SYSTEMS = ['oauth2-proxy', 'haproxy-lua-oauth', 'nginx-plus'] as const;
export type SystemName = (typeof SYSTEMS)[number];
