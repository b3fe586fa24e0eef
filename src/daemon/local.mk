sbin_PROGRAMS += src/mip6d
src_mip6d_SOURCES = src/daemon/main.c
