EXTRA_DIST += src/mn/attach.h src/mn/mn.h
