#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How scripts/check counts, with steps made here, and what it does about missing
# packages, with a package manager made here.
# shellcheck source=test/scripts/tap.sh
. "${top_srcdir:-.}/test/scripts/tap.sh"

cat >"$scratch/check" <<END
#!/bin/sh
top=$src
build_dir=$scratch/build
install=no
steps='quiet     passes and says nothing
broken    fails and says nothing
tests     two good, one bad, one skipped
excuse    says all is well, but fails
nothing   only skips
listed    has a result to show'
. "$src/scripts/lib-steps"
prepare() { true; }
step_quiet() { echo "noise, not ok"; }
step_broken() { echo "gcc: error: no luck"; return 3; }
step_tests() { printf '%s\n' 'ok - a' 'ok 2 - b' 'not ok 3 - c' 'ok 4 - d # SKIP no e'; }
step_excuse() { echo 'ok - a'; return 1; }
step_nothing() { echo 'ok - a # SKIP no b'; }
step_listed() { tap_case "shows" say echo "HA: 7 rows"; tap_case "hides" echo "gone"; }
chosen=\$1
check_all "\$1"
END

# run STEPS: the last line of a run; last STEPS LINE: it has to be this one.
run() {
	sh "$scratch/check" "$1"
}

last() {
	run "$1" >"$scratch/run"
	last_status=$?
	[ "$(tail -n 1 "$scratch/run")" = "$2" ] && return 0
	cat "$scratch/run"
	return 1
}

# green and red: what the last run returned.
green() { [ "$last_status" -eq 0 ]; }
red() { [ "$last_status" -ne 0 ]; }

ok "a step counts as one" last quiet "1 passed, 0 failed"
ok "and all is well" green
ok "a failed step counts as one" last broken "0 passed, 1 failed"
ok "and that is a failure" red
ok "its end is shown" grep -q "no luck" "$scratch/run"
ok "tests count one by one" last tests "2 passed, 1 failed, 1 skipped"
ok "one bad test is a failure" red
ok "and is named" grep -q "not ok 3 - c" "$scratch/run"
ok "a status beats good results" last excuse "1 passed, 1 failed"
ok "that is a failure too" red
ok "skipping is not passing" last nothing "0 passed, 0 failed, 1 skipped"
ok "so nothing was proven" red
ok "steps add up" last "quiet broken tests" "3 passed, 2 failed, 1 skipped"
ok "results can be shown" last listed "2 passed, 0 failed"
ok "those asked for" grep -q "HA: 7 rows" "$scratch/run"
ok "and no others" [ "$(grep -c gone "$scratch/run")" -eq 0 ]
ok "a step that does not exist" fails "no step frobnicate" "$src/scripts/check" frobnicate
ok "the steps can be listed" says "distcheck" "$src/scripts/check" --list

# A machine where only "here" is installed, and what apt-get was asked to do.
mkdir "$scratch/bin"
cat >"$scratch/bin/dpkg-query" <<'END'
#!/bin/sh
for last; do :; done
case $last in here) echo installed ;; gone) echo config-files ;; never) echo not-installed ;; *) exit 1 ;; esac
END
cat >"$scratch/bin/apt-get" <<END
#!/bin/sh
echo "\$DEBIAN_FRONTEND \$*" >>"$scratch/apt"
[ ! -e "$scratch/broken" ] || { echo "E: no network"; exit 100; }
END
cat >"$scratch/bin/apt-cache" <<'END'
#!/bin/sh
echo "  Depends: clang-14"
END
cat >"$scratch/bin/sudo" <<END
#!/bin/sh
echo sudo >>"$scratch/apt"
exec "\$@"
END
cat >"$scratch/bin/id" <<END
#!/bin/sh
cat "$scratch/uid"
END
chmod +x "$scratch/bin"/*
echo 0 >"$scratch/uid"

# installing PACKAGE...: on that machine.
installing() {
	: >"$scratch/apt"
	PATH=$scratch/bin:$PATH sh -c '. "$0" && packages_install "$@"' "$src/scripts/lib-packages" "$@"
}

# asked TEXT: apt-get was asked for it.
asked() {
	grep -qx "$1" "$scratch/apt" || { cat "$scratch/apt"; return 1; }
}

ok "nothing is touched when all is there" installing here
ok "not even the lists" [ ! -s "$scratch/apt" ]
ok "what is missing is said" says "Installing 3 packages: away gone never" installing here gone never away
ok "after fresh lists" asked "noninteractive update -q"
ok "it is installed without questions" \
	asked "noninteractive install -q -y --no-install-recommends away gone never"
ok "clang gets its libraries" installing clang
ok "of its version" \
	asked "noninteractive install -q -y --no-install-recommends clang libclang-rt-14-dev"
echo 1000 >"$scratch/uid"
ok "a user goes through sudo" installing away
ok "for each command" [ "$(grep -c sudo "$scratch/apt")" -eq 2 ]
touch "$scratch/broken"
ok "a failure says what to do" fails "apt-get install --no-install-recommends away" installing away
ok "and shows why" fails "no network" installing away
done_testing
