EXTRA_DIST += \
	scripts/check-rooms \
	scripts/check-style \
	scripts/tap-cmocka
