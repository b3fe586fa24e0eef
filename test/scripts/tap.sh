# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests of scripts share: a scratch folder, and results in TAP.
# shellcheck disable=SC2034 # the tests use these
src=$(cd "${top_srcdir:-$(dirname "$0")/../..}" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tap_count=0

# ok NAME COMMAND...: the test passes when COMMAND succeeds.
ok() {
	tap_name=$1
	shift
	tap_count=$((tap_count + 1))
	if "$@" >"$scratch/.out" 2>&1; then
		echo "ok $tap_count - $tap_name"
	else
		echo "not ok $tap_count - $tap_name"
		sed 's/^/# /' "$scratch/.out"
	fi
}

# fails TEXT COMMAND...: true when COMMAND fails and says TEXT.
fails() {
	tap_text=$1
	shift
	if "$@" >"$scratch/.said" 2>&1; then
		echo "succeeded, but should have failed"
		cat "$scratch/.said"
		return 1
	fi
	says "$tap_text" cat "$scratch/.said"
}

# says TEXT COMMAND...: true when COMMAND succeeds and says TEXT.
says() {
	tap_text=$1
	shift
	"$@" >"$scratch/.says" 2>&1 || { cat "$scratch/.says"; return 1; }
	grep -qF -e "$tap_text" "$scratch/.says" && return 0
	echo "expected: $tap_text"
	cat "$scratch/.says"
	return 1
}

# skip NAME REASON
skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# done_testing: the plan, last.
done_testing() {
	echo "1..$tap_count"
}
