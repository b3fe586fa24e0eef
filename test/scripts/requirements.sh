#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The checker of requirement tables: what it counts and what it refuses, on a
# small table with results made here.
# shellcheck source=test/scripts/tap.sh
. "${top_srcdir:-.}/test/scripts/tap.sh"
PYTHON3=${PYTHON3:-python3}
tab=$(printf '\t')

mkdir -p "$scratch/build/test/unit" "$scratch/test/lab"
cat >"$scratch/build/test/unit/bu_test.log" <<END
1..5
ok 1 - bu_accepted
ok 2 - bu_wrong_sequence
not ok 3 - bu_broken
ok 4 - bu_skipped # SKIP no reason
ok 5 - a name of words
PASS: bu_test 1 - bu_accepted
END
: >"$scratch/build/test/unit/bu_test.trs"
echo "ok 1 - not_a_test" >"$scratch/build/config.log"
cat >"$scratch/lab.log" <<END
ok 1 - test_move.py::test_away
ok 2 - test_move.py::test_back[near]
not ok 3 - test_move.py::test_back[far]
2 passed, 1 failed
END
echo "def test_away(): pass" >"$scratch/test/lab/test_move.py"

# table ROW...: a table of these rows; "|" stands for a tab.
table() {
	printf 'section\tlevel\trole\trequirement\tproof\n# a comment\n\n' >"$scratch/test/t.tsv"
	for table_row in "$@"; do
		echo "$table_row" | sed "s/|/$tab/g" >>"$scratch/test/t.tsv"
	done
}

check() {
	"$PYTHON3" "$src/scripts/check-requirements" "$@" "$scratch/test/t.tsv" "$scratch/build"
}

# good NAME TEXT ROW and bad NAME TEXT ROW: what the checker makes of one row.
good() {
	table "$3"
	ok "$1" says "$2" check
}

bad() {
	table "$3"
	ok "$1" fails "$2" check
}

good "a test that passed proves" "HA: 1 rows: 1 proven" "10.3.1|MUST|HA|take it|bu_accepted"
good "two tests" "1 proven" "10.3.1|MUST|HA|take it|bu_accepted, bu_wrong_sequence"
good "a test of a program" "1 proven" "10.3.1|MUST|HA|take it|bu_test:bu_accepted"
good "a name of words" "1 proven" "10.3.1|MUST|HA|take it|a_name_of_words"
good "not applicable" "1 not applicable" "10.3.1|SHOULD|MN|do|n/a: no such link"
good "open" "1 open" "10.3.1|SHOULD NOT|CN|do|open: later"
good "empty is open" "1 open" "10.3.1|MUST NOT|all|do|"
good "no fifth column is open" "1 open" "10.3.1|MUST NOT|all|do"
good "a lab test in the sources" "1 proven" "11.5|MUST|MN|move|test_move.py::test_away"
good "the kernel's part" "1 proven" "11.5|MUST|MN|move|kernel: test_away"

bad "a test that does not exist" "t.tsv:4: there is no test bu_gone" "10|MUST|HA|x|bu_gone"
bad "one of two does not exist" "there is no test bu_gone" "10|MUST|HA|x|bu_accepted bu_gone"
bad "a lab test that does not exist" "there is no test test_gone" "10|MUST|HA|x|test_gone"
bad "a log that is no test's" "there is no test not_a_test" "10|MUST|HA|x|not_a_test"
bad "a test that failed" "test bu_broken failed" "10|MUST|HA|x|bu_broken"
bad "a test that was skipped" "test bu_skipped was skipped" "10|MUST|HA|x|bu_skipped"
bad "not applicable without a reason" "without a reason" "10|MUST|HA|x|n/a"
bad "not applicable with an empty reason" "without a reason" "10|MUST|HA|x|n/a: "
bad "an unknown level" "level 'OUGHT'" "10|OUGHT|HA|x|bu_accepted"
bad "an unknown role" "role 'XY'" "10|MUST|HA,XY|x|bu_accepted"
bad "no section" "section ''" "|MUST|HA|x|bu_accepted"
bad "no requirement" "no requirement" "10|MUST|HA||bu_accepted"
bad "too many columns" "6 columns" "10|MUST|HA|x|bu_accepted|y"
bad "the kernel without a test" "no test named" "10|MUST|HA|x|kernel:"

table "10|MUST|HA|a|bu_accepted" "10|MUST|HA, CN|b|n/a: none" "11|MUST|MN|c|open"
ok "roles are counted apart" says "HA: 2 rows: 1 proven, 1 not applicable, 0 open" check
ok "a role without open rows is done" says "3 rows, 0 in error" check --require HA --require CN
ok "a role with open rows is not" fails "open, but required for MN" check --require MN
table "9|MUST|all|a|open"
ok "what all must do, each must" fails "required for HA" check --require HA

table "11|MUST|MN|a|test_away"
ok "the lab's results" says "1 proven" check --lab "$scratch/lab.log"
table "11|MUST|MN|a|test_back[near]"
ok "one variant of a lab test" says "1 proven" check --lab "$scratch/lab.log"
table "11|MUST|MN|a|test_back"
ok "all variants of a lab test" fails "test test_back failed" check --lab "$scratch/lab.log"
table "11|MUST|MN|a|test_move.py::test_gone"
ok "a lab test that did not run" fails "there is no test" check --lab "$scratch/lab.log"

table
ok "a table without rows" fails "no row" check
rm "$scratch/build/test/unit/bu_test.trs"
table "10|MUST|HA|a|n/a: none"
ok "a build without tests" fails "no test has run" check
done_testing
