#!/bin/bash
# Copies the programs that kube-proxy calls, with all their libraries, into a folder that becomes an image.
set -euo pipefail
out=$1
mkdir -p "$out"/usr/{bin,sbin,lib,lib64,local/bin} "$out/run"
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$out/$folder"; done

# The xtables modules are loaded by name at run time, so their own libraries count too: without libm,
# which libxt_statistic.so wants, every Service with two endpoints fails to sync.
files=(/usr/sbin/xtables-nft-multi /usr/sbin/conntrack /usr/bin/kmod /usr/lib/*/xtables/*.so)
libraries=$(for file in "${files[@]}"; do ldd "$file" || true; done | grep -oE '/[^ ]+' | sort -u)
cp -L --parents "${files[@]}" $libraries "$out"

for name in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
  ln -s xtables-nft-multi "$out/usr/sbin/$name"
done
ln -s ../bin/kmod "$out/usr/sbin/modprobe"
