// `haproxy -c` parses the configuration and ends without running a single init function (measured: 2.6, 3.0, 3.2). What
// does run, once every `setenv` has been read, is the end of the Lua state: a finalizer checks the settings there.
import { formatProblems, start } from './startup';

/** Written to the standard error where Lua has `io`; `print` goes to the standard output. */
function tell(message: string): void {
  const [told] = pcall(() => io.stderr.write(message + '\n'));
  if (!told) print(message);
}

/**
 * Ends the process with code 1 when the settings are broken.
 * INVARIANT: nothing of HAProxy's API is called here, for most of it has been torn down.
 */
function checkAtEnd(): void {
  const [ok, startup] = pcall(start);
  if (ok && startup.ok) return;
  tell(ok && !startup.ok ? formatProblems(startup.problems) : 'jwtverify: internal error while reading the settings');
  os.exit(1);
}

/**
 * Arranges for the settings to be checked when the Lua state ends without having been started.
 * @param wasStarted whether init functions have run in this state
 * @returns what must be kept as long as the state
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
