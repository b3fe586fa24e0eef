# What the C library lacks, as configure found (LIBOBJS). It goes into the lowest
# room's library, which every program links.
src_base_libbase_a_LIBADD = $(LIBOBJS)
EXTRA_DIST += libmissing/missing.h libmissing/ip6mh.h
