# jwtverify in the official image of HAProxy. Build it in the folder of this tarball: docker build -f container/haproxy.Dockerfile .
ARG VERSION=3.2
FROM haproxy:${VERSION}
COPY haproxy/jwtverify.lua /usr/local/share/haproxy/jwtverify.lua
