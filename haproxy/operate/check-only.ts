// `haproxy -c` parses the configuration and ends without running a single init function (measured: 2.6, 3.0, 3.2). The
// Lua state still ends after every `setenv` has been read: a finalizer checks the settings there.
import { describeProblems } from '../../src/model/problem';
import { formatProblems, start } from './startup';

/** Writes to the standard error where Lua has `io`; `print` writes to the standard output. */
function writeError(message: string): void {
  const [written] = pcall(() => io.stderr.write(message + '\n'));
  if (!written) print(message);
}

/**
 * Ends the process with code 1 when the settings are broken. Prints what is odd in good ones, as a start logs it.
 * INVARIANT: this calls nothing of HAProxy's API, most of which is gone by now.
 */
function checkAtEnd(): void {
  const [ok, startup] = pcall(start);
  if (ok && startup.ok) {
    const notices = core.thread > 1 ? [] : describeProblems(startup.notices);
    for (const line of notices) writeError('jwtverify: ' + line);
    return;
  }
  writeError(
    ok && !startup.ok ? formatProblems(startup.problems) : 'jwtverify: internal error while reading the settings',
  );
  os.exit(1);
}

/**
 * Checks the settings when the Lua state ends without a start.
 * @param wasStarted whether init functions have run in this state
 * @returns a value that must live as long as the state
 */
export function checkUnlessStarted(wasStarted: () => boolean): object {
  return setmetatable(
    {},
    {
      __gc: () => {
        if (!wasStarted()) checkAtEnd();
      },
    },
  );
}
