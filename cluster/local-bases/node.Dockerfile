# Stands in for node:VERSION-bookworm-slim where no registry answers: the project's own Node, the libraries it needs and npm.
ARG BASE
FROM $BASE AS collected
LABEL dev.rouse.scratch=true
COPY node /usr/local/bin/
COPY collect-programs.sh /
RUN bash /collect-programs.sh /out /usr/local/bin/node /usr/bin/env
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /out/usr/local/bin/npm

FROM scratch
COPY --from=collected /out /
COPY npm /usr/local/lib/node_modules/npm
COPY ca-certificates.crt /etc/ssl/certs/
ARG NODE_VERSION
ENV NODE_VERSION=$NODE_VERSION PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LABEL dev.rouse.local-base=true
CMD ["node"]
