# jwtverify in the official image of nginx, which has njs. Build it in the folder of this tarball: docker build -f container/nginx.Dockerfile .
ARG VERSION=1.30
FROM nginx:${VERSION}
COPY nginx/jwtverify.js /etc/nginx/njs/jwtverify.js
