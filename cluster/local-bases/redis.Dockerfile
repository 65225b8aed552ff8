# Stands in for redis:VERSION-bookworm where no registry answers: Debian's redis-server, of the version that Debian has.
ARG BASE
FROM $BASE AS collected
LABEL dev.rouse.scratch=true
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server
COPY collect-programs.sh /
RUN bash /collect-programs.sh /out /usr/bin/redis-server /usr/bin/redis-cli && install -d -m 1777 /out/data

FROM scratch
COPY --from=collected /out /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LABEL dev.rouse.local-base=true
CMD ["redis-server"]
