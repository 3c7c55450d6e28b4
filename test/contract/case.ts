// One question to an adapter and what it must answer, as data: so that the same cases run inside every engine.

/** What an adapter is asked, spelled so that it can travel into any engine. */
export type Question =
  | {
      readonly ask:
        | 'isBase64UrlAlphabet'
        | 'decodeBase64Url'
        | 'hasControl'
        | 'isVisibleAscii'
        | 'isUnreserved'
        | 'parseJson'
        | 'readDenyLine'
        | 'listSubject';
      readonly text: string;
    }
  | { readonly ask: 'fromCodePoint'; readonly codePoint: number }
  | { readonly ask: 'verify'; readonly request: object }
  | { readonly ask: 'algorithms' }
  | { readonly ask: 'environment'; readonly name: string }
  | { readonly ask: 'readFile'; readonly path: string };

/** JSON; null means undefined. */
export type Answer = string | boolean | null | readonly Answer[];

export interface Case {
  readonly title: string;
  readonly question: Question;
  /** Any of these. */
  readonly answers: readonly Answer[];
}

/** Of a deny list's fault this many characters are compared. */
export const FAULT_LENGTH = 40;

/** A long text by its beginning and its length: some engines cut the lines that they print. */
export function shorten(answer: Answer): Answer {
  if (typeof answer !== 'string' || answer.length <= 1000) return answer;
  return answer.slice(0, 10) + '... ' + String(answer.length);
}

export function isCase(title: string, question: Question, ...answers: readonly Answer[]): Case {
  const shortened = answers.map((answer) =>
    typeof answer === 'object' ? (answer?.map(shorten) ?? null) : shorten(answer),
  );
  return { title, question, answers: shortened };
}
