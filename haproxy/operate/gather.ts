// Brings the numbers of all Lua states together, for whoever asks. With `lua-load-per-thread` states share nothing but
// HAProxy's own lists: who asks says so in a list, and a task of each state writes its numbers there. Requests pay nothing.
import { giveMemoryBack, isOutOfMemory } from '../ports/memory-limit';

/**
 * The list's name. HAProxy 2.6 and 3.0 want a file that can be read; nobody else writes this one's name so, and it never has
 * an entry at start.
 */
const NAME = '/dev//null';
/** The entry that holds the number of the last question. */
const QUESTION = 'question';
/** Milliseconds between two looks at it, and between two looks soon after a question. */
const PAUSE = 1000;
const SHORT_PAUSE = 100;
/** So many short pauses follow a question. */
const SHORT_PAUSES = 900;
/** HAProxy cuts a value at `tune.bufsize`, 16384 bytes unless set: longer texts are several entries. */
const PIECE = 4000;
/** Milliseconds between two looks at the answers, and the most looks. */
const LOOK = 20;
const LOOKS = 125;

let list: HaproxyMap | undefined;

function read(entry: string): string {
  return list?.lookup(entry) ?? '';
}

function write(entry: string, value: string): void {
  core.set_map(NAME, entry, value);
}

function readQuestion(): number {
  return tonumber(read(QUESTION)) ?? 0;
}

/** An answer's head: the question, the number of pieces, the length. INVARIANT: it is there only while the pieces are whole. */
function headOf(thread: string): readonly [question: number, pieces: number, length: number] {
  const [question, pieces, length] = string.match(read(thread), '^(%d+) (%d+) (%d+)$');
  return [tonumber(question ?? '0') ?? 0, tonumber(pieces ?? '0') ?? 0, tonumber(length ?? '0') ?? 0];
}

function writeAnswer(question: number, text: string): void {
  const thread = tostring(core.thread);
  write(thread, '-');
  let pieces = 0;
  for (const start of $range(1, text.length, PIECE)) {
    pieces += 1;
    write(thread + '/' + tostring(pieces), string.sub(text, start, start + PIECE - 1));
  }
  write(thread, string.format('%d %d %d', question, pieces, text.length));
}

/** The answer of a thread; undefined while it is not there. */
function readAnswer(thread: string, question: number): string | undefined {
  const head = read(thread);
  const [answered, pieces, length] = headOf(thread);
  if (answered < question) return undefined;
  let text = '';
  for (const piece of $range(1, pieces)) text += read(thread + '/' + tostring(piece));
  return text.length === length && read(thread) === head ? text : undefined;
}

/**
 * Lets this state answer from now on. To be called while HAProxy starts.
 * @param describe makes the text of this state's numbers
 */
export function shareNumbers(describe: () => string): void {
  if (core.thread === 0) return;
  // The compiler knows only JavaScript's `Map`.
  const maps = (_G as unknown as { readonly Map: HaproxyMapClass }).Map;
  list = maps.new(NAME, maps._str);
  let answered = 0;
  let short = 0;
  function look(this: void): void {
    const question = readQuestion();
    if (question === answered) return;
    writeAnswer(question, describe());
    answered = question;
    short = SHORT_PAUSES;
  }
  core.register_task(() => {
    for (;;) {
      const [fine, problem] = pcall(look);
      if (!fine && isOutOfMemory(problem)) giveMemoryBack();
      if (short > 0) short -= 1;
      core.msleep(short > 0 ? SHORT_PAUSE : PAUSE);
    }
  });
}

/** The texts of all states; empty for one that did not answer in time. Suspends for a second at the most, usually. */
export function gatherNumbers(describe: () => string): readonly string[] {
  if (core.thread === 0) return [describe()];
  const question = readQuestion() + 1;
  write(QUESTION, tostring(question));
  const threads = core.get_info()['Nbthread'] ?? 1;
  const texts: string[] = [];
  let looks = 0;
  for (const thread of $range(1, tonumber(threads) ?? 1)) {
    let text = readAnswer(tostring(thread), question);
    while (text === undefined && looks < LOOKS) {
      looks += 1;
      core.msleep(LOOK);
      text = readAnswer(tostring(thread), question);
    }
    texts.push(text ?? '');
  }
  return texts;
}
