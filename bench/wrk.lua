-- For wrk: sends the tokens of a file in turn. Arguments: the file, the first line, how many lines.
-- Says at the end how many requests were made, so that a run which began anew with the first token is seen.
local requests = {}
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  local first, count = tonumber(args[2]), tonumber(args[3])
  local line = 0
  for token in io.lines(args[1]) do
    if line >= first and line < first + count then
      requests[#requests + 1] = wrk.format(nil, nil, { Host = wrk.host, Authorization = 'Bearer ' .. token })
    end
    line = line + 1
  end
  made = 0
end

function request()
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
