// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What all fuzz targets share. A target is one function that takes bytes and must
 * come back, whatever they are; FUZZ_CHECK states what has to hold.
 *
 * Built with --enable-fuzzers (clang), a target is a libFuzzer program. Otherwise
 * main.c makes it a program that runs the files given as arguments, so that
 * the corpus is replayed by every "make check".
 */
#ifndef TEST_FUZZ_FUZZ_H
#define TEST_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(condition)                                                                      \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,          \
				#condition);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#endif
