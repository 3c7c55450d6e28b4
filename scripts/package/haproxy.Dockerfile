# jwtverify in the official image of HAProxy, of Debian. Build it in the folder of this tarball:
#   docker build -f container/haproxy.Dockerfile -t haproxy-jwtverify .
# Mount the folder with haproxy.cfg and policy.json, which the user haproxy must be able to read, at /usr/local/etc/haproxy:
#   jwtverify generate haproxy policy.json --policy-path /usr/local/etc/haproxy/policy.json > haproxy.cfg
ARG VERSION=3.2
FROM haproxy:${VERSION}
# It makes signatures faster; without it everything works too.
USER root
RUN apt-get -q update && apt-get -q install -y --no-install-recommends lua-luaossl && rm -rf /var/lib/apt/lists/*
COPY haproxy/jwtverify.lua /usr/local/share/haproxy/jwtverify.lua
USER haproxy
