# Unit tests: one fragment per room, so that rooms do not edit the same file.
# They need cmocka; without it the program is built all the same.
if HAVE_CMOCKA
include test/unit/missing.mk
include test/unit/base.mk
include test/unit/wire.mk
include test/unit/conf.mk
include test/unit/core.mk
include test/unit/ha.mk
include test/unit/mn.mk
include test/unit/os.mk
include test/unit/console.mk
endif
