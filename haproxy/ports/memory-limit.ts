// Frees memory when Lua reaches its limit (`tune.lua.maxmem`): forgets everything that can be computed again.

const holders: (() => void)[] = [];

/** Adds a memory that can be forgotten. To be called while HAProxy starts. */
export function forgetWhenFull(forget: () => void): void {
  holders.push(forget);
}

/** Whether an error is Lua's own one for too little memory. */
export function isOutOfMemory(problem: unknown): boolean {
  return typeof problem === 'string' && problem.includes('not enough memory');
}

/** Forgets it all, and collects what was forgotten. */
export function giveMemoryBack(): void {
  for (const forget of holders) forget();
  collectgarbage();
}
