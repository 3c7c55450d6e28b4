// A metric: what Prometheus and an operator need to know of it.

export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  /** One sentence for the operator; also the table in docs/operations.md. */
  readonly help: string;
  /** INVARIANT: no value of a label comes from a client. */
  readonly labels: readonly string[];
  /** How the numbers of several Lua states become one. */
  readonly merge: 'sum' | 'least' | 'most';
  /** The proxies that have it. */
  readonly proxies: 'both' | 'HAProxy' | 'nginx';
}
