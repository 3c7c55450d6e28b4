// The lines that both hosts log about a request. No line holds a token, a signature, a key or a claim's value, except an
// `iss` or `aud` that is refused.

/** A request passed in shadow mode. @param rule empty when no rule matched it */
export function describeShadow(rule: string, reason: string): string {
  const name = rule === '' ? 'the policy' : 'rule `' + rule + '`';
  return 'shadow mode: ' + name + ' would have refused a request: ' + reason;
}

/** A token was refused, and the reason alone does not explain it. @param detail bounded, and of visible ASCII */
export function describeRefusal(reason: string, detail: string): string {
  return 'refused: ' + reason + ': ' + detail;
}

/** An error of this product. @param detail its kind and place, never its message, which may quote anything */
export function describeError(detail: string): string {
  return 'internal error, the request was refused: ' + detail;
}
