# The replacements are built for this test even where the C library has them.
check_PROGRAMS += test/unit/missing_test
TESTS += test/unit/missing_test
test_unit_missing_test_SOURCES = test/unit/missing_test.c \
	libmissing/explicit_bzero.c libmissing/reallocarray.c libmissing/strlcpy.c
test_unit_missing_test_LDADD = $(CMOCKA_LIBS)
