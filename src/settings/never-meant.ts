// Values that no operator means: they would refuse every request.

/** Whether a value has the same quote at both ends. */
function isQuoted(value: string): boolean {
  const first = value.charAt(0);
  return value.length > 1 && (first === '"' || first === "'") && value.charAt(value.length - 1) === first;
}

/** Whether a value ends with a line end. */
export function hasLineEnd(value: string): boolean {
  const last = value.charAt(value.length - 1);
  return last === '\n' || last === '\r';
}

/** The problem of a value in quotes; undefined without quotes. */
export function findQuotes(value: string): string | undefined {
  return isQuoted(value) ? 'has quotes around it, which would be part of the value; remove them' : undefined;
}

/** The problem of an issuer that is a pattern; undefined for any other. */
function findPlaceholder(issuer: string): string | undefined {
  if (issuer.indexOf('*') < 0 && issuer.indexOf('{') < 0 && issuer.indexOf('<') < 0) return undefined;
  return 'has a placeholder (`*`, `{` or `<`) in it; give the issuer exactly as your tokens have it in `iss`';
}

/** The problem of an issuer; undefined when there is none. */
export function findFaultyIssuer(issuer: string): string | undefined {
  return findQuotes(issuer) ?? findPlaceholder(issuer);
}

/** The problem of a list of audiences; undefined when there is none. */
export function findFaultyAudience(value: string, audiences: readonly string[]): string | undefined {
  const quotes =
    findQuotes(value) ?? audiences.map((audience) => findQuotes(audience)).find((fault) => fault !== undefined);
  if (quotes !== undefined) return quotes;
  if (!audiences.some((audience) => audience.indexOf(',') >= 0)) return undefined;
  return 'has a comma in it; separate audiences by spaces';
}
