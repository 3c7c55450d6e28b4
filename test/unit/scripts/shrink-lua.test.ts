// What the build removes from Lua, and what it leaves.
import { describe, expect, test } from 'vitest';
import { shrinkLua } from '../../../scripts/shrink-lua.mjs';

describe('the shrinking of Lua', () => {
  test('removes comments, blank lines and indentation', () => {
    const code = `-- head
--- what it does
local function f(a)

    --[[ of
      two lines ]]
    return a + 1 -- one more
end
`;
    expect(shrinkLua(code)).toBe('local function f(a)\nreturn a + 1\nend\n');
  });

  test('leaves what only looks like a comment or an indentation', () => {
    const code = `local a = "-- \\" --[[ "
local b = '--\\\n  c'
local d = [==[
  -- ]]
  ]==]
local e = x[y[1]]
`;
    expect(shrinkLua(code)).toBe(code);
  });

  test('leaves a blank between two words that a comment parts', () => {
    expect(shrinkLua('return--[=[ ]] ]=]a')).toBe('return a\n');
  });
});
