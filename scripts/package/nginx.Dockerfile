# jwtverify in the official image of nginx, which has njs. Build it in the folder of this tarball:
#   docker build -f container/nginx.Dockerfile -t nginx-jwtverify .
# Mount nginx.conf, jwtverify-forward.conf and policy.json into /etc/nginx, and give the container the variables that the policy names:
#   jwtverify generate nginx policy.json --policy-path /etc/nginx/policy.json --njs VERSION > nginx.conf
#   jwtverify generate nginx policy.json --part forward --njs VERSION > jwtverify-forward.conf
# VERSION is what NJS_VERSION of the image says: docker run --rm nginx:1.30 printenv NJS_VERSION
ARG VERSION=1.30
FROM nginx:${VERSION}
COPY nginx/jwtverify.js /etc/nginx/njs/jwtverify.js
