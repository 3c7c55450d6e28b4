// Lua's own libraries: HAProxy 3.4 can leave any of them out (`tune.lua.openlibs`). The first module to run.
// Nothing works without these, so the load ends with an error that names the missing ones. `io` and `package` are checked
// later, where they are needed.

/** Globals of Lua by name; undefined where the library was not loaded. */
const globals = _G as unknown as Readonly<Record<string, unknown>>;

/**
 * Whether a standard library of Lua is loaded.
 * @param name as `tune.lua.openlibs` spells it
 */
export function hasLibrary(name: string): boolean {
  return globals[name] !== undefined;
}

/** Loads a module of Lua; undefined when it is not installed, or `require` was left out. */
export function loadModule(name: string): unknown {
  const [loaded, module] = pcall(require as (this: void, name: string) => unknown, name);
  return loaded ? module : undefined;
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
