#!/bin/sh
# libvirtd, outside any Pod's cgroup.
set -eu
. /var/lib/kolla/config_files/guests-cgroup.sh
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p /sys/fs/cgroup/croque-guests
  echo "$$" > /sys/fs/cgroup/croque-guests/cgroup.procs
fi
mkdir -p /var/lib/libvirt/qemu /var/lib/libvirt/images /var/lib/libvirt/boot /run/libvirt /var/log/libvirt/qemu /var/cache/libvirt/qemu
chown -R libvirt-qemu:libvirt-qemu /var/lib/libvirt/qemu /var/cache/libvirt/qemu
rm -f /run/libvirtd.pid
# Keys of the storage, as libvirt keeps them itself: they are there before any guest asks, and go with this Pod.
umask 077
mkdir -p /etc/libvirt/secrets
for entry in $KEYRINGS; do
  uuid=${entry%%=*} name=${entry##*/}
  printf '<secret ephemeral="no" private="yes"><uuid>%s</uuid><usage type="ceph"><name>%s</name></usage></secret>\n' "$uuid" "$name" \
    > "/etc/libvirt/secrets/$uuid.xml"
  # A key of Ceph is base64 already, which is how libvirt writes values.
  sed -n 's/^[[:space:]]*key = //p' "${entry#*=}" | tr -d '\n' > "/etc/libvirt/secrets/$uuid.base64"
done
umask 022
# Who this node is when guests move, to libvirt and QEMU of the other end. On the node and not in the Pod, since guests read it that outlive this Pod.
mkdir -p "$TLS_DIR"
cp /run/migration-ca/ca.crt "$TLS_DIR/ca-cert.pem"
openssl req -x509 -config /dev/null -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 3650 -subj "/CN=$NODE_IP" \
  -CA /run/migration-ca/ca.crt -CAkey /run/migration-ca/ca.key -addext "subjectAltName=IP:$NODE_IP" -addext basicConstraints=critical,CA:FALSE \
  -addext keyUsage=critical,digitalSignature,keyEncipherment -addext extendedKeyUsage=serverAuth,clientAuth \
  -keyout "$TLS_DIR/server-key.pem" -out "$TLS_DIR/server-cert.pem"
ln -sf server-key.pem "$TLS_DIR/client-key.pem"
ln -sf server-cert.pem "$TLS_DIR/client-cert.pem"
chown -R libvirt-qemu "$TLS_DIR"
mkdir -p /etc/pki/CA /etc/pki/libvirt/private
ln -sf "$TLS_DIR/ca-cert.pem" /etc/pki/CA/cacert.pem
ln -sf "$TLS_DIR/server-cert.pem" /etc/pki/libvirt/clientcert.pem
ln -sf "$TLS_DIR/server-key.pem" /etc/pki/libvirt/private/clientkey.pem
{ cat /var/lib/kolla/config_files/libvirtd.conf && echo "listen_addr = \"$NODE_IP\""; } > /run/libvirtd.conf
exec libvirtd --listen --config /run/libvirtd.conf
