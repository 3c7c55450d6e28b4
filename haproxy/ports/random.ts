// The system's generator of random bytes. Never `math.random` or HAProxy's `rand`: whoever sees some of those knows the rest.
import { hasLibrary } from './lua-libraries';
import { encodeBytes } from './text';

const PATH = '/dev/urandom';

/**
 * Random bytes of the system.
 * @noSelf
 */
export interface Random {
  /** That many bytes. INVARIANT: exactly so many, or an error: nothing is sealed or begun with fewer. */
  take(count: number): string;
}

interface RandomFile {
  read(bytes: number): string | undefined;
}

/**
 * Opens the generator; undefined where it cannot be opened. To be called while HAProxy starts: an open file survives `chroot`.
 * INVARIANT: without a buffer. Bytes that are read ahead would come twice, in each process that HAProxy forks.
 */
export function openRandom(): Random | undefined {
  if (!hasLibrary('io')) return undefined;
  const [file] = io.open(PATH, 'rb');
  if (file === undefined) return undefined;
  file.setvbuf('no');
  const source = file as unknown as RandomFile;
  return {
    take: (count) => {
      const bytes = source.read(count);
      if (bytes === undefined || bytes.length !== count) error('the system has no random bytes', 0);
      return bytes;
    },
  };
}

/** Random bytes as base64url. */
export function takeText(random: Random, bytes: number): string {
  return encodeBytes(random.take(bytes));
}
