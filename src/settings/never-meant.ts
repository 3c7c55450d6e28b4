// Values that nobody means: taken as they are, they would refuse every request.

/** Whether a value has the same quote at both ends. */
function isQuoted(value: string): boolean {
  const first = value.charAt(0);
  return value.length > 1 && (first === '"' || first === "'") && value.charAt(value.length - 1) === first;
}

/** Whether a value ends with a line end. */
function hasLineEnd(value: string): boolean {
  const last = value.charAt(value.length - 1);
  return last === '\n' || last === '\r';
}

/** What is wrong with a value in quotes; undefined when it has none. */
function findQuotes(value: string): string | undefined {
  return isQuoted(value) ? 'has quotes around it, and they would count as part of it; remove them' : undefined;
}

/** What is wrong with an issuer that is a pattern; undefined when it is none. */
function findPlaceholder(issuer: string): string | undefined {
  if (issuer.indexOf('*') < 0 && issuer.indexOf('{') < 0 && issuer.indexOf('<') < 0) return undefined;
  return 'has a placeholder (`*`, `{` or `<`) in it; give the issuer exactly as your tokens have it in `iss`';
}

/** What is wrong with an issuer; undefined when nothing is. */
export function findFaultyIssuer(issuer: string): string | undefined {
  return findQuotes(issuer) ?? findPlaceholder(issuer);
}

/** What is wrong with a list of audiences; undefined when nothing is. */
export function findFaultyAudience(value: string, audiences: readonly string[]): string | undefined {
  const quotes =
    findQuotes(value) ?? audiences.map((audience) => findQuotes(audience)).find((fault) => fault !== undefined);
  if (quotes !== undefined) return quotes;
  if (!audiences.some((audience) => audience.indexOf(',') >= 0)) return undefined;
  return 'has a comma in it; separate audiences by spaces';
}

/** What is wrong with a shared secret; undefined when nothing is. */
export function findFaultySecret(secret: string): string | undefined {
  if (hasLineEnd(secret)) return 'ends with a line end, which would count as part of it; remove it';
  return findQuotes(secret);
}
