# To be read by a shell: moves it out of any Pod's cgroup, to where the guests that it starts shall be. A guest inherits the cgroup of its parent,
# and one inside this Pod's would end with the Pod.
for controller in /sys/fs/cgroup/*/; do
  [ -f "$controller/cgroup.procs" ] || continue
  group=$controller/croque-guests
  mkdir -p "$group"
  if [ -f "$controller/cpuset.cpus" ] && [ -f "$group/cpuset.cpus" ]; then
    cat "$controller/cpuset.cpus" > "$group/cpuset.cpus"
    cat "$controller/cpuset.mems" > "$group/cpuset.mems"
  fi
  echo "$$" > "$group/cgroup.procs"
done
