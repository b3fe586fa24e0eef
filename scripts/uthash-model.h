// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What gcc -fanalyzer and cppcheck read in place of <uthash.h>. Its macros hash in
 * line and find the element from an offset in the table; that costs the
 * analyzers minutes a file, and they lose track of who holds an element. Here a table is
 * something that other functions keep. Never used for the program itself.
 */
#ifndef UTHASH_H
#define UTHASH_H

#include <stddef.h>

typedef struct UT_hash_handle {
	void *prev;
	void *next;
} UT_hash_handle;

void *model_find(const void *head, const void *key, size_t length);
void *model_add(void *head, void *element);
void *model_remove(void *head, void *element);
unsigned int model_count(const void *head);
void *model_sort(void *head, const void *compare);

#define HASH_FIND(hh, head, key, length, out)                                                      \
	do {                                                                                       \
		(out) = model_find((head), (key), (length));                                       \
	} while (0)
#define HASH_FIND_STR(head, key, out) HASH_FIND(hh, head, key, 1, out)
#define HASH_ADD_KEYPTR(hh, head, key, length, element)                                            \
	do {                                                                                       \
		(head) = model_add((head), (element));                                             \
	} while (0)
#define HASH_ADD(hh, head, field, length, element)                                                 \
	HASH_ADD_KEYPTR(hh, head, &(element)->field, length, element)
#define HASH_DELETE(hh, head, element)                                                             \
	do {                                                                                       \
		(head) = model_remove((head), (element));                                          \
	} while (0)
#define HASH_DEL(head, element) HASH_DELETE(hh, head, element)
#define HASH_CNT(hh, head) model_count(head)
#define HASH_COUNT(head) HASH_CNT(hh, head)
#define HASH_SORT(head, compare)                                                                   \
	do {                                                                                       \
		(head) = model_sort((head), (const void *)(compare));                              \
	} while (0)
#define HASH_ITER(hh, head, element, tmp)                                                          \
	for ((element) = (head), (tmp) = (element) ? (element)->hh.next : NULL; (element);         \
	     (element) = (tmp), (tmp) = (element) ? (element)->hh.next : NULL)

#endif
