// Lua's own libraries: HAProxy 3.4 can leave any of them out (`tune.lua.openlibs`). The first module to run.
// Without these nothing here can work, so their lack stops the load and is named. `io` and `package` are asked for later,
// by what needs them.

/** Globals of Lua by name; undefined where the library was not loaded. */
const globals = _G as unknown as Readonly<Record<string, unknown>>;

/**
 * Whether a standard library of Lua is loaded.
 * @param name as `tune.lua.openlibs` spells it
 */
export function hasLibrary(name: string): boolean {
  return globals[name] !== undefined;
}

/** `os` for the environment and the clock, the others for any text at all. */
const NEEDED = ['os', 'string', 'table', 'math', 'utf8'] as const;

let missing = '';
for (const name of NEEDED) {
  if (!hasLibrary(name)) missing = missing + ' ' + name;
}
if (missing !== '') {
  error(
    'jwtverify: Lua libraries are missing:' +
      missing +
      '; add them to `tune.lua.openlibs` (needed: os,string,table,math,utf8, then io for key files, package for luaossl)',
    0,
  );
}
