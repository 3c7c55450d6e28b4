// nginx's sealing port on each engine against plain TypeScript: what one seals, the other opens.
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { text } from '../../nginx/ports/text';
import { createPlainSealing } from '../../src/crypto/plain-sealing';
import { NJS_ENGINES, NODE } from './engines';
import type { WebSealingQuestion } from './web-sealing';

const plain = createPlainSealing(
  text,
  () => randomBytes(12).toString('latin1'),
  () => undefined,
);

const QUESTIONS: readonly WebSealingQuestion[] = [
  'x',
  'Grüße 🐹 ',
  '0123456789abcdef',
  '{"claims":{}}'.repeat(300),
].map((plaintext) => {
  const key = randomBytes(32).toString('base64');
  return { key, text: plaintext, sealed: plain.seal(key, plaintext) };
});

describe.concurrent("nginx's sealing", () => {
  for (const engine of [NODE, ...NJS_ENGINES]) {
    test(`${engine.name} opens what plain TypeScript seals, and seals what that opens, each time with another nonce`, async () => {
      const answers = await engine.run('web-sealing', QUESTIONS);
      expect(answers).toEqual(QUESTIONS.map(() => 'opened sealed two nonces refused'));
    });
  }
});
