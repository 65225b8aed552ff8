# kube-proxy with the iptables it calls, and nothing else of the base.
ARG BASE
FROM $BASE AS tools
LABEL dev.rouse.scratch=true
COPY collect-tools.sh /
RUN bash /collect-tools.sh /out

FROM scratch
COPY --from=tools /out /
COPY kube-proxy /usr/local/bin/
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
