#!/bin/bash
# Copies programs with the libraries they are linked to, and the little that a program expects of a root folder.
# Arguments: the folder, the programs by full path.
set -euo pipefail
out=$1
shift
mkdir -p "$out"/usr/{bin,lib,lib64,local/bin} "$out"/etc "$out"/root
for folder in bin lib lib64; do ln -s "usr/$folder" "$out/$folder"; done
install -d -m 1777 "$out/tmp" "$out/var/tmp"

libraries=$(for file in "$@"; do ldd "$file"; done | grep -oE '/[^ ]+' | sort -u)
cp -L --parents "$@" $libraries "$out"
# Names for the two users that occur; name service by files and DNS needs these libraries, which no program names.
cp -L --parents /usr/lib/*/libnss_{files,dns}.so.2 /usr/lib/*/libresolv.so.2 "$out"
printf 'root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n' >"$out/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$out/etc/group"
printf 'hosts: files dns\n' >"$out/etc/nsswitch.conf"
