-- For wrk: asks at a steady rate, or again as soon as there is an answer. Arguments: `verified` (the first tokens of a file in turn) or `forged` (their header and
-- payload with random signatures, each different), the file, milliseconds between a connection's requests or 0, how many tokens.
local ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
local tokens, kind, pause = {}, nil, 0
local made, start = 0, nil
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  kind, pause = args[1], tonumber(args[3])
  for token in io.lines(args[2]) do
    tokens[#tokens + 1] = token
    if #tokens == tonumber(args[4]) then break end
  end
  if pause == 0 then delay = nil end
  math.randomseed(os.time())
  statuses = ''
  counts = {}
end

local function randomText(length)
  local characters = {}
  for place = 1, length do
    local at = math.random(64)
    characters[place] = ALPHABET:sub(at, at)
  end
  return table.concat(characters)
end

-- Below the modulus, whose highest bit is set; the last character of 256 bytes has four bits. The middle is a number, so that
-- no two are the same and making one takes no time that the other pool would miss.
local function forge(token)
  local input, signature = token:match('^(.*%.)(.-)$')
  start = start or 'A' .. randomText(#signature - 11)
  return input .. start .. string.format('%09d', made) .. 'A'
end

function request()
  made = made + 1
  local token = tokens[(made - 1) % #tokens + 1]
  if kind == 'forged' then token = forge(token) end
  return wrk.format(nil, nil, { Host = wrk.host, Authorization = 'Bearer ' .. token })
end

function delay()
  -- Apart, so that connections do not ask all at once.
  return math.random(math.floor(pause / 2), math.floor(pause * 3 / 2))
end

function response(status)
  counts[status] = (counts[status] or 0) + 1
  statuses = ''
  for code, count in pairs(counts) do statuses = statuses .. code .. ': ' .. count .. '\n' end
end

function done()
  for _, thread in ipairs(threads) do io.write(thread:get('statuses')) end
end
