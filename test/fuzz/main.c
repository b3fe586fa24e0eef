// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a fuzz target over files, where libFuzzer does not bring its own main().
 * Each file is read into a buffer of exactly its size, for the address sanitizer.
 */
#include "fuzz/fuzz.h"

static int run_file(const char *path)
{
	uint8_t *data;
	FILE *f = fopen(path, "rb");
	long size;

	if (!f || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0) {
		perror(path);
		if (f)
			fclose(f);
		return 1;
	}
	rewind(f);
	data = malloc(size ? (size_t)size : 1);
	if (!data || fread(data, 1, (size_t)size, f) != (size_t)size) {
		perror(path);
		free(data);
		fclose(f);
		return 1;
	}
	fclose(f);
	LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0;
	int i;

	for (i = 1; i < argc; i++)
		failed |= run_file(argv[i]);
	return failed;
}
