// Where this product means to answer otherwise than Wycheproof does, and why. The answer here is what is expected then.

export interface Difference {
  readonly answer: 'valid' | 'invalid';
  readonly why: string;
}

const ALG_BINDS =
  'RFC 7517 §4.4: the `alg` of the key names another algorithm than the token, and it binds (RFC 8725 §3.1)';
const NO_SUCH_ALG = 'the `alg` of the key is `ES521`, which RFC 7518 does not have; such a key is not used';

export const DIFFERENCES: Readonly<Record<string, Difference>> = {
  'json_web_signature#346': { answer: 'invalid', why: ALG_BINDS },
  'json_web_signature#350': { answer: 'invalid', why: ALG_BINDS },
  'json_web_signature#347': { answer: 'invalid', why: NO_SUCH_ALG },
  'json_web_signature#351': { answer: 'invalid', why: NO_SUCH_ALG },
};
