# Namespaces of the metadata proxies.
for path in /host/run/netns/ovnmeta-*; do
  [ -e "$path" ] || continue
  umount "$path" || true
  rm -f "$path"
done
rm -rf /host/var/lib/croque/neutron
