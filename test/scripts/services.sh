#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The systemd unit, its user, the boot script and the examples for radvd, as far as
# they can be judged without being installed. The lab starts them for real.
# shellcheck source=test/scripts/tap.sh
. "${top_srcdir:-.}/test/scripts/tap.sh"
mip6d=$(cd "${top_builddir:-.}" && pwd)/src/mip6d
unit=$scratch/mip6d.service

# exposure_below FIGURE: as systemd-analyze counts it, 0 best, 10 worst.
exposure_below() {
	systemd-analyze security --offline=yes --no-pager "$unit" >"$scratch/security" 2>&1
	figure=$(sed -n 's/.*Overall exposure level for mip6d.service: \([0-9.]*\) .*/\1/p' \
		"$scratch/security")
	if [ -z "$figure" ]; then
		cat "$scratch/security"
		return 1
	fi
	echo "exposure $figure"
	awk "BEGIN { exit !($figure < $1) }"
}

# Says nothing, which is to say that nothing is wrong.
verified() {
	systemd-analyze verify --man=no --recursive-errors=no "$unit" >"$scratch/verify" 2>&1
	! grep mip6d.service "$scratch/verify"
}

makes_the_user() {
	mkdir -p "$scratch/root/etc" &&
		systemd-sysusers --root="$scratch/root" "$src/conf/sysusers.d/mip6d.conf" &&
		grep '^mip6d:' "$scratch/root/etc/passwd" && grep '^mip6d:' "$scratch/root/etc/group"
}

# ends_with STATUS COMMAND...
ends_with() {
	wanted=$1
	shift
	"$@"
	status=$?
	[ "$status" -eq "$wanted" ] || { echo "status $status, not $wanted"; return 1; }
}

boot_script() {
	env MIP6D="$1" MIP6D_DEFAULTS="$scratch/default" sh "$src/conf/mip6d.init" "$2"
}

sed -e "s,@sbindir@/mip6d,$mip6d,g" -e "s,@sysconfdir@,$scratch,g" \
	"$src/conf/mip6d.service.in" >"$unit"
if systemd-analyze security --help 2>/dev/null | grep -q -e --offline; then
	ok "the unit's exposure is below 3.0" exposure_below 3.0
	ok "systemd understands every line of the unit" verified
	sed '/^Restrict/d; /^Protect/d; /^Capab/d; /^SystemCall/d' "$unit" >"$unit.tmp" &&
		mv "$unit.tmp" "$unit"
	ok "an exposed unit would be found" fails "" exposure_below 3.0
else
	skip "the unit's exposure" "no systemd-analyze that can judge files"
fi
if command -v systemd-sysusers >/dev/null; then
	ok "sysusers makes user and group" makes_the_user
else
	skip "sysusers makes user and group" "no systemd-sysusers"
fi
radvd=$(PATH=$PATH:/usr/sbin:/sbin command -v radvd)
for file in "$src"/conf/radvd/*.conf; do
	name="radvd takes $(basename "$file")"
	if [ -n "$radvd" ]; then
		ok "$name" "$radvd" --configtest --logmethod stderr_clean --config "$file"
	else
		skip "$name" "no radvd"
	fi
done

echo "NodeConfig CN; RunDirectory \"$scratch/run\";" >"$scratch/mip6d.conf"
echo "MIP6D_CONF=$scratch/mip6d.conf" >"$scratch/default"
ok "boot script: status of what does not run" ends_with 3 boot_script "$mip6d" status
ok "boot script: reload of what does not run" ends_with 7 boot_script "$mip6d" reload
ok "boot script: stop of what does not run" ends_with 0 boot_script "$mip6d" stop
ok "boot script: no such word" ends_with 2 boot_script "$mip6d" dance
ok "boot script: no program" ends_with 5 boot_script "$scratch/none" start
echo "NodConfig CN;" >"$scratch/mip6d.conf"
ok "boot script: a mistake in the configuration" fails "unknown option" \
	boot_script "$mip6d" start
done_testing
