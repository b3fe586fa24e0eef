EXTRA_DIST += \
	scripts/check \
	scripts/check-requirements \
	scripts/check-rooms \
	scripts/check-style \
	scripts/demo \
	scripts/lib-fuzz \
	scripts/lib-packages \
	scripts/lib-steps \
	scripts/tap-cmocka \
	scripts/uthash-model.h
