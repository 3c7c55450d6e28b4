// Refreshes of the whole process: of all Lua states one refreshes a session, and the others get what it made of it. The list
// of the process has a flag of each state that wants to, and the result, sealed.
import { openSharedList, type SharedList } from '../ports/shared-list';
import type { LoginHost } from './login-host';

/** What came of a refresh. */
export interface Refreshing {
  /** `kept`: the session goes on as it was. */
  readonly kind: 'refreshed' | 'kept' | 'ended';
  /** Values of Set-Cookie fields. */
  readonly cookies: readonly string[];
  /** Seconds since the epoch: until then nobody asks again. */
  readonly until: number;
}

const NAME = '/dev////null';
/** HAProxy cuts a value at `tune.bufsize`: longer texts are several entries. */
const PIECE = 4000;
const PAUSE = 20;
/** Milliseconds for which a state waits for another, and seconds after which a flag was lost with its task. */
const PATIENCE = 15000;
const LOST_AFTER = 90;

interface Written {
  readonly entries: readonly string[];
  readonly until: number;
}

/** @noSelf */
export interface RefreshShare {
  /** What another state made of it; undefined when there is nothing. */
  find(id: string): Refreshing | undefined;
  /**
   * Waits until no other state refreshes this session.
   * @returns what another made of it meanwhile; undefined: it is this state's turn, which ends with `put`
   */
  take(id: string): Refreshing | undefined;
  /** Ends the turn. */
  put(id: string, result: Refreshing): void;
}

function countThreads(): number {
  return tonumber(core.get_info()['Nbthread'] ?? 1) ?? 1;
}

/** Opens the list. To be called while HAProxy starts. */
export function openRefreshShare({ login, sealing }: Pick<LoginHost, 'login' | 'sealing'>): RefreshShare {
  const list: SharedList = openSharedList(NAME);
  const own = core.thread;
  const key = login.keys.session[0]?.key ?? '';
  const written: Written[] = [];

  function removeOver(): void {
    const now = os.time();
    for (let first = written[0]; first !== undefined && first.until < now; first = written[0]) {
      table.remove(written, 1);
      for (const entry of first.entries) list.remove(entry);
    }
  }

  /** INVARIANT: the head is there only while the pieces are whole. */
  function write(id: string, result: Refreshing): void {
    const plain = result.kind + '\n' + tostring(result.until) + '\n' + result.cookies.join('\n');
    const sealed = sealing.seal(key, plain);
    const entries = [id];
    for (const start of $range(1, sealed.length, PIECE)) {
      const entry = id + '/' + tostring(entries.length);
      list.write(entry, string.sub(sealed, start, start + PIECE - 1));
      entries.push(entry);
    }
    list.write(id, tostring(entries.length - 1) + ' ' + tostring(sealed.length));
    table.insert(written, { entries, until: result.until });
  }

  function read(id: string): string | undefined {
    const [pieces, length] = string.match(list.read(id) ?? '', '^(%d+) (%d+)$');
    if (pieces === undefined) return undefined;
    let sealed = '';
    for (const piece of $range(1, tonumber(pieces) ?? 0)) sealed += list.read(id + '/' + tostring(piece)) ?? '';
    return sealed.length === tonumber(length) ? sealed : undefined;
  }

  function find(id: string): Refreshing | undefined {
    const sealed = read(id);
    const plain = sealed === undefined ? undefined : sealing.open(key, sealed);
    const [kind, until, cookies] = string.match(plain ?? '', '^(%l+)\n(%d+)\n(.*)$');
    const ends = tonumber(until ?? '0') ?? 0;
    if (kind === undefined || os.time() >= ends) return undefined;
    return {
      kind: kind as Refreshing['kind'],
      until: ends,
      cookies: cookies === undefined || cookies === '' ? [] : cookies.split('\n'),
    };
  }

  function flagOf(id: string, thread: number): string {
    return id + ' ' + tostring(thread);
  }

  /** Whether one of these states wants to refresh it. */
  function isWanted(id: string, first: number, last: number): boolean {
    const now = os.time();
    for (const thread of $range(first, last)) {
      const since = tonumber(list.read(flagOf(id, thread)) ?? '0') ?? 0;
      if (now - since < LOST_AFTER) return true;
    }
    return false;
  }

  /**
   * The one-bit algorithm of Burns and Lamport: a state sets its flag, and withdraws it before any other of a lower number.
   * INVARIANT: of two states that set their flags, at least one sees the other's, since each reads after it has written.
   */
  function take(id: string): Refreshing | undefined {
    if (own === 0) return undefined;
    const threads = countThreads();
    const flag = flagOf(id, own);
    for (let waited = 0; waited < PATIENCE; waited += PAUSE) {
      const found = find(id);
      if (found !== undefined) return found;
      list.write(flag, tostring(os.time()));
      if (isWanted(id, 1, own - 1)) {
        list.remove(flag);
        core.msleep(PAUSE);
        continue;
      }
      while (isWanted(id, own + 1, threads) && waited < PATIENCE) {
        core.msleep(PAUSE);
        waited += PAUSE;
      }
      const late = find(id);
      if (late === undefined) return undefined;
      list.remove(flag);
      return late;
    }
    return { kind: 'kept', cookies: [], until: os.time() + 1 };
  }

  function put(id: string, result: Refreshing): void {
    if (own === 0) return;
    removeOver();
    write(id, result);
    list.remove(flagOf(id, own));
  }

  return { find: (id) => (own === 0 ? undefined : find(id)), take, put };
}
