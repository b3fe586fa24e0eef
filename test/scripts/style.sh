#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The rules of style: the program itself keeps them, and the checker does see
# each kind of offence (it is run on small trees made here).
# shellcheck source=test/scripts/tap.sh
. "${top_srcdir:-.}/test/scripts/tap.sh"
check=$src/scripts/check-style
licence="SPDX-License-Identifier: GPL-2.0-or-later"
unfinished=TO; unfinished=${unfinished}DO

# tree FILE LINE...: a fresh tree in which FILE consists of the lines.
tree() {
	rm -rf "$scratch/tree"
	mkdir -p "$scratch/tree/$(dirname "$1")"
	tree_file=$scratch/tree/$1
	shift
	printf '%s\n' "$@" >"$tree_file"
}

# bad NAME TEXT FILE LINE...: the checker refuses that tree and says TEXT.
bad() {
	bad_name=$1 bad_text=$2
	shift 2
	tree "$@"
	ok "$bad_name" fails "$bad_text" "$PYTHON3" "$check" "$scratch/tree"
}

# good NAME FILE LINE...
good() {
	good_name=$1
	shift
	tree "$@"
	ok "$good_name" says " 0 offences" "$PYTHON3" "$check" "$scratch/tree"
}

# lines COUNT: that many lines of C.
lines() {
	i=0
	while [ $i -lt "$1" ]; do
		echo "	a();"
		i=$((i + 1))
	done
}

PYTHON3=${PYTHON3:-python3}
wide=$(printf '%0100d' 0)
ok "the program keeps the rules" says " 0 offences" "$PYTHON3" "$check" "$src"

good "a source" src/a.c "// $licence" "/* What for. */" "int a;"
good "a line of 100 columns" src/a.c "// $licence" "/* What for. */" "$wide"
good "a function of 80 lines" src/a.c "// $licence" "/* What for. */" "{" "$(lines 80)" "}"
good "a script" scripts/a '#!/bin/sh' "# $licence" 'true'
good "what bison writes is not ours" src/a.y "// $licence" "/* What for. */"

bad "no licence" "src/a.c:1: the first line must be" src/a.c "/* What for. */" "int a;"
bad "no essay" "src/a.c:2: a comment" src/a.c "// $licence" "int a;"
bad "no licence in a test" "test/a.c:1: the first line" test/a.c "int a;"
bad "no licence in a script" "scripts/a:1: no line with SPDX" scripts/a '#!/bin/sh' true
bad "a line of 101 columns" "src/a.c:3: longer than" src/a.c "// $licence" "/* x */" "${wide}0"
bad "a tab counts as eight" "src/a.c:3: longer than" src/a.c "// $licence" "/* x */" "	${wide#0000000}"
bad "a function of 81 lines" "src/a.c:3: function of 81" src/a.c "// $licence" "/* x */" "{" "$(lines 81)" "}"
bad "a file of 701 lines" "more than 700" src/a.c "// $licence" "/* x */" "$(lines 699)"
bad "blanks at the end" "src/a.c:3: blanks" src/a.c "// $licence" "/* x */" "int a; "
bad "unfinished work" "src/a.c:3: a mark" src/a.c "// $licence" "/* x */" "/* $unfinished */"
bad "unfinished work in a script" "scripts/a:3: a mark" scripts/a '#!/bin/sh' "# $licence" "# $unfinished"
rm -rf "$scratch/tree"
mkdir "$scratch/tree"
ok "an empty tree is no success" fails "no source found" "$PYTHON3" "$check" "$scratch/tree"
done_testing
