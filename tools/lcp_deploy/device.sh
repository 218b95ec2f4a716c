# What lcp-deploy does on a device, in POSIX sh and as root:
#   sh -c "$(cat device.sh)" lcp-deploy COMMAND ROOT ARGUMENTS
#
# ROOT/versions/ID holds one version whole: it gets that name only once every
# byte of it was checked and its golden outputs were right. ROOT/current is a
# link to the version that runs. It is exchanged by rename, so after a power cut
# it shows the old version or the new one, and nothing in between.
set -eu
command=$1 root=$2
shift 2

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# point LINK TARGET: makes LINK show TARGET, at once.
point() {
  rm -f "$1.next"
  ln -s "$2" "$1.next"
  mv -T "$1.next" "$1"
  sync "$root"
}

# settle PART FOLDER: what is in PART, safely on the disk, becomes FOLDER.
settle() {
  sync "$1"/* "$1"
  mv -T "$1" "$2"
  sync "$(dirname "$2")"
}

current() {
  if [ -L "$root/current" ]; then basename "$(readlink "$root/current")"; fi
}

has_systemd() { [ -d /run/systemd/system ]; }

# alive FILE: whether the process whose number is in FILE runs.
alive() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }

about() {
  echo "machine=$(uname -m)"
  echo "bits=$(getconf LONG_BIT)"
  echo "glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d' ' -f2)"
  echo "systemd=$(has_systemd && echo yes || echo no)"
  echo "current=$(current)"
  echo "replaces=$(cat "$root/current/replaces" 2>/dev/null || true)"
  echo "certificates=$([ -e "$root/certs/key.pem" ] && echo yes || echo no)"
  for version in "$root"/versions/*; do
    case $version in
    *.part | *'*') ;;
    *) echo "version=${version##*/}" ;;
    esac
  done
}

# receive ID: the files come as a tar on standard input. Fails if one is not
# what it was, or if the device does not compute what the reference does.
receive() {
  mkdir -p "$root/versions" "$root/run"
  rm -rf "$root"/versions/*.part
  mkdir -m 700 "$root/versions/$1.part"
  cd "$root/versions/$1.part"
  tar -x --no-same-owner -f -
  sha256sum --check --quiet SHA256SUMS
  ./check >/dev/null
  chmod 755 .
  settle "$root/versions/$1.part" "$root/versions/$1"
}

# switch ID: `replaces` remembers what --rollback goes back to.
switch() {
  old=$(current)
  [ "$old" != "$1" ] || return 0
  [ -d "$root/versions/$1" ] || die "version $1 is not there"
  if [ -n "$old" ]; then
    printf '%s\n' "$old" >"$root/versions/$1/replaces.next"
    sync "$root/versions/$1/replaces.next"
    mv -f "$root/versions/$1/replaces.next" "$root/versions/$1/replaces"
    sync "$root/versions/$1"
  fi
  point "$root/current" "versions/$1"
}

# back ID: like switch, to the version before.
back() {
  [ -d "$root/versions/$1" ] || die "version $1 is not there any more"
  point "$root/current" "versions/$1"
}

restart() {
  rm -f "$root/run/ready"
  if has_systemd; then
    unit=/etc/systemd/system/lcp-worker.service
    cmp -s "$root/current/lcp-worker.service" $unit || cp "$root/current/lcp-worker.service" $unit
    systemctl daemon-reload
    systemctl --quiet enable lcp-worker
    systemctl restart lcp-worker
    return
  fi
  cp "$root/current/supervise" "$root/supervise.next"
  mv -f "$root/supervise.next" "$root/supervise"
  if alive "$root/run/supervisor"; then
    if alive "$root/run/worker"; then kill "$(cat "$root/run/worker")"; fi
  else
    setsid "$root/supervise" </dev/null >/dev/null 2>&1 &
  fi
}

# start ID SECONDS: starts what is current and waits until it serves.
start() {
  restart
  tenths=$(($2 * 10))
  while [ $tenths -gt 0 ]; do
    if [ "$(head -n 1 "$root/run/ready" 2>/dev/null)" = "$1" ] && grep -q '^ready ' "$root/run/ready"; then
      return
    fi
    sleep 0.1
    tenths=$((tenths - 1))
  done
  if has_systemd; then
    why=$(journalctl --unit=lcp-worker --lines=1 --output=cat 2>/dev/null || true)
  else
    why=$(tail -n 1 "$root/run/log" 2>/dev/null || true)
  fi
  die "the worker does not serve after $2 s: ${why:-it says nothing}"
}

# Takes away what the first installation began.
remove() {
  if has_systemd; then
    systemctl --quiet disable --now lcp-worker 2>/dev/null || true
  else
    for process in supervisor worker; do
      if alive "$root/run/$process"; then kill "$(cat "$root/run/$process")"; fi
    done
  fi
  rm -f "$root/current"
}

# keep: removes all versions but the one that runs and the one before.
keep() {
  before=$(cat "$root/current/replaces" 2>/dev/null || true)
  for version in "$root"/versions/*; do
    case ${version##*/} in
    "$(current)" | "$before") ;;
    *) rm -rf "$version" ;;
    esac
  done
}

# certificates ID: a folder for --tls comes as a tar and replaces the one before.
certificates() {
  mkdir -p "$root"
  rm -rf "$root"/certs.*.part "$root/certs.$1"
  mkdir -m 700 "$root/certs.$1.part"
  tar -x --no-same-owner -f - -C "$root/certs.$1.part"
  chmod 600 "$root/certs.$1.part/key.pem"
  chmod 755 "$root/certs.$1.part"
  settle "$root/certs.$1.part" "$root/certs.$1"
  point "$root/certs" "certs.$1"
  for old in "$root"/certs.*; do
    [ "$old" = "$root/certs.$1" ] || rm -rf "$old"
  done
}

"$command" "$@"
