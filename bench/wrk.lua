-- For wrk: sends the tokens of a file in turn. Arguments: the file, the first line, how many lines, the field and what is
-- before a token in it; and how many of a thousand requests have one of these, where the others have the token before the first.
-- Says at the end how many requests were made, so that a run which began anew with the first token is seen.
local requests = {}
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  local first, count = tonumber(args[2]), tonumber(args[3])
  local line = 0
  share = tonumber(args[6] or 1000)
  for token in io.lines(args[1]) do
    if line == first - 1 then
      known = wrk.format(nil, nil, { Host = wrk.host, [args[4]] = args[5] .. token })
    end
    if line >= first and line < first + count then
      requests[#requests + 1] = wrk.format(nil, nil, { Host = wrk.host, [args[4]] = args[5] .. token })
    end
    line = line + 1
  end
  made = 0
  turn = 0
end

function request()
  turn = turn + share
  if turn < 1000 then
    return known
  end
  turn = turn - 1000
  local which = made % #requests + 1
  made = made + 1
  return requests[which]
end

function done()
  local sum = 0
  for _, thread in ipairs(threads) do
    sum = sum + thread:get('made')
  end
  io.write(string.format('Requests made: %d\n', sum))
end
