// The line that both hosts log when a gateway does not name the request that it asks about.

/** @param variables the empty ones, as the configuration writes them */
export function describeUnasked(variables: readonly string[]): string {
  const names = variables.map((name) => '`' + name + '`').join(' and ');
  const remedy = 'set it from the header in which the gateway sends it, and make the gateway send that header';
  return 'a gateway did not name the request that it asked about: ' + names + ' is empty; ' + remedy;
}
