# The lab: programs that run inside its kernel. `make check` builds them; the lab
# itself is scripts/lab, which builds what it needs of this.
check_PROGRAMS += test/lab/sniff test/lab/stream
test_lab_sniff_SOURCES = test/lab/sniff.c
test_lab_stream_SOURCES = test/lab/stream.c
