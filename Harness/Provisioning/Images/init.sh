#!/bin/busybox sh
# PID 1 of the box: no systemd, no udev, one second of work. What is slow here is slow in every run: measure before adding.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
# The kernel makes its root world-writable (a tmpfs), and sshd trusts no key below such a directory.
chmod 755 /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
exec </dev/console >/dev/console 2>&1
read -r cmdline </proc/cmdline

trace() {
    case " $cmdline " in *" hvlab.trace "*) read -r up rest </proc/uptime; echo "hvlab: $1 at $up s" ;; esac
}
# The harness waits for one of two markers at the start of a line; kernel text may have left the cursor in the middle of one.
line=/dev/ttyS0
say() { printf '\n%s\n' "$1" >$line; }
stay() {
    say "$1"
    case " $cmdline " in *" hvlab.poweroff "*) poweroff -f ;; esac
    # wait reaps the orphans of ended sessions; it ends only when sshd does.
    wait
    while :; do sleep 3600; done
}
fail() { stay "HVLAB-FAIL $1"; }
# What the harness would otherwise have to ask for, and an SSH connection costs an emulated CPU more than half a second.
host() {
    read -r release </proc/sys/kernel/osrelease
    read -r version </proc/sys/kernel/version
    read -r cpus </sys/devices/system/cpu/online
    [ -r /sys/module/kvm_amd/parameters/npt ] && read -r npt </sys/module/kvm_amd/parameters/npt
    [ -r /sys/module/kvm_intel/parameters/ept ] && read -r ept </sys/module/kvm_intel/parameters/ept
    say "HVLAB-HOST $release|$version|$vendor|$model|$cpus|$npt|$ept|."
    [ -n "$xen" ] || return 0
    # Read from the hypervisor itself: its version, and the options that it was built with.
    for part in major minor extra; do read -r $part </sys/hypervisor/version/$part; done
    options=
    for option in $(xenhypfs cat /buildinfo/config | grep -E '^CONFIG_(DEBUG|MEM_PAGING|MEM_SHARING|PERF_COUNTERS|EXPERT|UNSUPPORTED)=y'); do
        options="$options ${option%=y}"
    done
    say "HVLAB-XEN $major.$minor$extra|${options# }|."
}

# A rootfs on tmpfs begins as 1777, and sshd trusts no key below a directory that everybody may write.
chmod 755 /
trace init
mkdir -p /dev/pts
mount -t devpts -o ptmxmode=0666 devpts /dev/pts
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
echo hvlab-box >/proc/sys/kernel/hostname
# In dom0 the serial line is Xen's, which prints what dom0 says on its console.
xen=
[ -r /sys/hypervisor/type ] && read -r xen </sys/hypervisor/type
[ "$xen" = xen ] && line=/dev/console || xen=

# sshd starts up on one CPU while the modules load on the other. -r: it does not execute itself again for each connection,
# which would link twenty libraries each time; -e: its errors go to the console.
/usr/sbin/sshd -D -r -e -f /etc/ssh/sshd_config &
sshd=$!

while read -r key colon flags; do
    case $key.$colon in
        vendor_id.*) vendor=$flags ;;
        model.name) model=${flags#: } ;;
        flags.*) break ;;
    esac
done </proc/cpuinfo
# Port 22 is 0016, state 0A is LISTEN.
listening() {
    while read -r slot local remote state rest; do case $local.$state in *:0016.0A) return 0 ;; esac; done </proc/net/tcp
    return 1
}
up=
# The network comes with the first modules and KVM's with the last: an SSH session may begin in between.
network() {
    [ -z "$up" ] && [ -e /sys/class/net/eth0 ] || return 0
    ifconfig lo 127.0.0.1
    ifconfig eth0 10.0.2.15 netmask 255.255.255.0 || fail "the network device would not come up$failed"
    up=yes
    trace network
    { until listening; do usleep 10000; done; say HVLAB-SSH; } &
}

failed=
network # a kernel may have its driver built in
while read -r name; do
    case $name in
        kvm_amd) case " $flags " in *" svm "*) ;; *) continue ;; esac ;;
        kvm_intel) case " $flags " in *" vmx "*) ;; *) continue ;; esac ;;
        # Bochs has no virtio card: this driver is for a box that is still without a network.
        e1000) [ -z "$up" ] || continue ;;
    esac
    error=$(insmod /lib/modules/$name.ko 2>&1) || failed="$failed; $error"
    network
done </lib/modules/order
trace modules

tries=0
until network; [ -n "$up" ]; do
    tries=$((tries + 1))
    [ $tries -gt 200 ] && fail "no network device after 2 s (virtio_net)$failed"
    usleep 10000
done
[ -n "$failed" ] && fail "modules did not load$failed"
if [ -n "$xen" ]; then
    mount -t xenfs xenfs /proc/xen 2>/dev/null
    for device in privcmd evtchn gntdev; do [ -c /dev/xen/$device ] || fail "no /dev/xen/$device: dom0's kernel lacks the driver, or this is no dom0"; done
else
    [ -c /dev/kvm ] || fail "no /dev/kvm: neither module nor built-in KVM took this CPU"
fi

tries=0
until listening; do
    kill -0 $sshd 2>/dev/null || fail "sshd ended before it listened"
    tries=$((tries + 1))
    [ $tries -gt 3000 ] && fail "sshd does not listen after 30 s"
    usleep 10000
done
trace sshd
host
# Who came in early waits for this file.
: >/run/hvlab-ready
stay HVLAB-READY
