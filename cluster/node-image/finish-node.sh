#!/bin/bash
# The steps of kind's own base image that change files already there.
set -euo pipefail
ln -sf /usr/sbin/runc /usr/local/sbin/runc
mkdir -p /opt/cni/bin /etc/cni/net.d /etc/kubernetes/manifests
cp /usr/lib/cni/{bridge,host-local,loopback,portmap,ptp} /opt/cni/bin/

# What systemd must not start in a container; the list is that of kind's Dockerfile.
find /lib/systemd/system/sysinit.target.wants/ -name systemd-tmpfiles-setup.service -delete
rm -f /lib/systemd/system/multi-user.target.wants/* /etc/systemd/system/*.wants/* \
  /lib/systemd/system/local-fs.target.wants/* /lib/systemd/system/sockets.target.wants/*{udev,initctl}* \
  /lib/systemd/system/basic.target.wants/*
echo ReadKMsg=no >>/etc/systemd/journald.conf
# Left in, every node would have the same id.
rm -f /var/lib/dbus/machine-id /etc/machine-id

ctr oci spec |
  jq '.hooks.createContainer += [{"path": "/kind/bin/mount-product-files.sh"}] | del(.process.rlimits)' \
    >/etc/containerd/cri-base.json
systemctl -q enable containerd kubelet pod-net undo-mount-hacks
systemctl -q mask systemd-binfmt.service
systemctl -q set-default multi-user.target
