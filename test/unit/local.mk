# Unit tests: one fragment per room, so that rooms do not edit the same file.
include test/unit/base.mk
include test/unit/wire.mk
include test/unit/conf.mk
include test/unit/core.mk
include test/unit/os.mk
